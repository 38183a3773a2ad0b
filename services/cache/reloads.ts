import type { CacheAnswer } from './answer.js';
import type { Fetcher } from './fetcher.js';
import type { Flights } from './flights.js';
import type { Generations, Proof } from './generations.js';
import type { Loader } from './loader.js';
import type { RecentReads } from './recent-reads.js';
import type { CacheRequest } from './request.js';

export interface ReloadsParts {
  readonly generations: Generations;
  readonly flights: Flights;
  readonly fetcher: Fetcher;
  readonly loader: Loader;
  readonly reads: RecentReads;
  /** A read beside the cache, for what is switched off. */
  readonly skip: (request: CacheRequest, proof: Proof) => Promise<CacheAnswer>;
}

/** Readers who want nothing that was read before they asked: of each key one load runs for them, and one at most waits for its turn. */
export class Reloads {
  readonly #parts: ReloadsParts;
  /** Not begun yet: whoever asks now may have it. */
  readonly #waiting = new Map<string, Promise<CacheAnswer>>();
  readonly #last = new Map<string, Promise<CacheAnswer>>();

  constructor(parts: ReloadsParts) {
    this.#parts = parts;
  }

  /** A load that begins after this was asked; see Cache.reload. */
  reload(request: CacheRequest): Promise<CacheAnswer> {
    return this.#join(request.key.hash, (begins) => this.#load(request, begins));
  }

  /** Runs after the one before has ended; later callers join it until it says that it begins. */
  async #join(keyHash: string, load: (begins: () => void) => Promise<CacheAnswer>): Promise<CacheAnswer> {
    const waiting = this.#waiting.get(keyHash);
    if (waiting) return collapsed(await waiting);
    const landed = this.#after(this.#last.get(keyHash), () => load(begins));
    const begins = () => {
      if (this.#waiting.get(keyHash) === landed) this.#waiting.delete(keyHash);
    };
    this.#waiting.set(keyHash, landed);
    this.#last.set(keyHash, landed);
    try {
      return await landed;
    } finally {
      begins();
      if (this.#last.get(keyHash) === landed) this.#last.delete(keyHash);
    }
  }

  async #load(request: CacheRequest, begins: () => void): Promise<CacheAnswer> {
    const { generations, flights, fetcher, loader, reads, skip } = this.#parts;
    const { hash } = request.key;
    // One load at a time: what runs began before, and its end is waited for, not its value.
    await flights.get(hash)?.landed.catch(() => {});
    begins();
    const proof = await generations.prove(request.tags);
    if (generations.isSwitchedOff(request.tags)) return skip(request, proof);
    reads.note(request);
    const failure = loader.failureOf(request);
    if (failure) throw failure.error;
    const run = (isCurrent: () => boolean) => fetcher.fetch({ request, proof, purpose: 'reload', isCurrent });
    return { ...(await flights.begin(hash, proof, run).landed), isReload: true };
  }

  async #after(
    before: Promise<CacheAnswer> | undefined,
    load: () => Promise<CacheAnswer>,
  ): Promise<CacheAnswer> {
    // Also without one before: those who ask in this very moment join.
    await before?.catch(() => {});
    if (!before) await Promise.resolve();
    return load();
  }
}

function collapsed(answer: CacheAnswer): CacheAnswer {
  return answer.outcome === 'miss' ? { ...answer, outcome: 'collapsed' } : answer;
}
