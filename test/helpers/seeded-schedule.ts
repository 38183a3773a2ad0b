import { type Clock, systemClock } from '../../services/clock.js';
import { replayOf, SeededRandom } from './seeded-random.js';

type Action = () => unknown;
type Range = readonly [leastMs: number, mostMs: number];

/** Something that is done to the run; with `undo` it lasts for a while, and is never left behind. */
export type ScheduledFault = Action | { readonly do: Action; readonly undo: Action; readonly lastsMs: Range };

interface Planned {
  readonly atMs: number;
  readonly text: string;
  readonly action: Action;
}

/**
 * Faults at random instants, the same for the same seed: what comes when is settled before anything runs, so that a slow machine
 * changes only what the faults meet.
 *
 *     const script = schedule(testSeed())
 *       .every([50, 200], { cut: () => proxy.cut(), silent: { do: () => proxy.blackhole(), undo: () => proxy.heal(), lastsMs: [100, 600] } })
 *       .at(2000, 'failover', () => topology.failover());
 *     t.comment(script.replay);
 *     await script.run(5000);
 *     t.comment(script.transcript.join('\n'));
 */
export function schedule(seed: number): SeededSchedule {
  return new SeededSchedule(seed);
}

export class SeededSchedule {
  readonly seed: number;
  /** What was done, with its instant as planned and what failed. */
  readonly transcript: string[] = [];
  readonly #makers: ((durationMs: number) => Planned[])[] = [];

  constructor(seed: number) {
    this.seed = seed;
  }

  get replay(): string {
    return replayOf(this.seed);
  }

  /** Again and again after a pause from this range, one of these faults. One that lasts ends before the next pause begins. */
  every(pauseMs: Range, faults: Readonly<Record<string, ScheduledFault>>): this {
    const names = Object.keys(faults);
    // Its own random numbers: another line of the script changes nothing about this one.
    const stream = this.seed + 0x9e3779b9 * (this.#makers.length + 1);
    this.#makers.push((durationMs) => {
      const random = new SeededRandom(stream);
      const planned: Planned[] = [];
      for (let atMs = random.between(...pauseMs); atMs < durationMs; atMs += random.between(...pauseMs)) {
        const name = random.pick(names);
        const fault = faults[name];
        if (!fault) continue;
        if (typeof fault === 'function') {
          planned.push({ atMs, text: name, action: fault });
          continue;
        }
        planned.push({ atMs, text: name, action: fault.do });
        atMs = Math.min(durationMs, atMs + random.between(...fault.lastsMs));
        planned.push({ atMs, text: `${name} ends`, action: fault.undo });
      }
      return planned;
    });
    return this;
  }

  /** Once, at that instant. */
  at(atMs: number, name: string, action: Action): this {
    this.#makers.push((durationMs) => (atMs < durationMs ? [{ atMs, text: name, action }] : []));
    return this;
  }

  /** What `run` would do, as lines of its transcript. */
  plan(durationMs: number): string[] {
    return this.#planned(durationMs).map(lineOf);
  }

  /** Does all of it, each after the one before has been done. An action that fails is told in the transcript and ends nothing. */
  async run(durationMs: number, clock: Clock = systemClock): Promise<void> {
    const startMs = clock.monotonicMs();
    const reached = (atMs: number) =>
      new Promise<void>((resolve) => {
        clock.after(Math.max(0, startMs + atMs - clock.monotonicMs()), resolve);
      });
    // The clock's timers keep no process alive, and a run must not end with half of its faults.
    const alive = setInterval(() => {}, 60_000);
    try {
      for (const planned of this.#planned(durationMs)) {
        await reached(planned.atMs);
        await this.#act(planned);
      }
      await reached(durationMs);
    } finally {
      clearInterval(alive);
    }
  }

  async #act(planned: Planned): Promise<void> {
    try {
      await planned.action();
      this.transcript.push(lineOf(planned));
    } catch (error) {
      this.transcript.push(`${lineOf(planned)}: failed: ${error instanceof Error ? error.message : error}`);
    }
  }

  #planned(durationMs: number): Planned[] {
    return this.#makers.flatMap((make) => make(durationMs)).sort((a, b) => a.atMs - b.atMs);
  }
}

function lineOf({ atMs, text }: Planned): string {
  return `+${String(atMs).padStart(5, '0')} ms ${text}`;
}
