import type { CacheAnswer } from './answer.js';
import { FleetingMap } from './fleeting-map.js';
import type { Proof } from './generations.js';

/** One running look-up and load of a key, and the generations it began under. It belongs to nobody's request. */
export interface Flight {
  readonly proof: Proof;
  readonly landed: Promise<CacheAnswer>;
}

/** The running flights of this process: at most one a key that new readers may join (collapse). */
export class Flights {
  readonly #flights = new FleetingMap<Flight>();
  /** Also of those whose key a later flight has taken: their loads run as well. */
  #runningCount = 0;
  /** Of those who wait until none runs. */
  readonly #whenNone: (() => void)[] = [];

  get(keyHash: string): Flight | undefined {
    return this.#flights.get(keyHash);
  }

  /** Starts a flight that later readers join; an earlier one of the key goes on for its own readers alone. */
  begin(keyHash: string, proof: Proof, run: (isCurrent: () => boolean) => Promise<CacheAnswer>): Flight {
    const isCurrent = (): boolean => this.#flights.get(keyHash) === flight;
    const end = (): void => {
      if (isCurrent()) this.#flights.delete(keyHash);
      this.#ended();
    };
    const flight: Flight = { proof, landed: land(() => run(isCurrent), end) };
    // A flight whose readers all hung up may still fail: that is no unhandled rejection.
    flight.landed.catch(() => {});
    this.#runningCount++;
    this.#flights.set(keyHash, flight);
    return flight;
  }

  get runningCount(): number {
    return this.#runningCount;
  }

  /** Resolves when no flight runs any more, however they end; those that begin meanwhile are waited for too. */
  async settled(): Promise<void> {
    while (this.#runningCount > 0) await new Promise<void>((resolve) => this.#whenNone.push(resolve));
  }

  #ended(): void {
    this.#runningCount--;
    if (this.#runningCount > 0) return;
    for (const resolve of this.#whenNone.splice(0)) resolve();
  }
}

/** Begun a microtask later, so that the flight is on the map before anything of it runs. */
async function land(run: () => Promise<CacheAnswer>, end: () => void): Promise<CacheAnswer> {
  await null;
  try {
    return await run();
  } finally {
    end();
  }
}
