import type { Cells } from './cells.js';
import type { Stamp } from './stamp.js';

/** So many losses in a row are remembered; what was lost before them is gone. */
const LOSSES_MAX_COUNT = 4;

/** How long after Redis answers again what it can no longer prove may be served while it is loaded anew (invariant 4). */
const MOMENT_MS = 2000;

/** When it was learned that generations can no longer be proven: by the wall clock, and by the monotonic one. */
export interface Loss {
  readonly lostAtMs: number;
  readonly lostAtMonotonicMs: number;
  /** Whether Redis had been silent before: then a moment is granted. */
  readonly afterSilence: boolean;
}

interface Believed extends Loss {
  readonly root: string;
  readonly cells: Cells;
}

/**
 * What this process believed when Redis lost the truth, or had made up while Redis was silent. Nobody can prove it any more, and
 * nobody is known to have purged it: whatever is purged later is taken out.
 */
export class Losses {
  /** The latest first. */
  #losses: Believed[] = [];

  add(believed: Believed): void {
    this.#losses = [believed, ...this.#losses].slice(0, LOSSES_MAX_COUNT);
  }

  /** The loss that took the proof of this stamp; null: there is none, or it was not believed then, or was purged since. */
  of({ root, generations }: Stamp, tags: readonly string[]): Loss | null {
    if (generations.length !== tags.length) return null;
    const isBelieved = ({ cells }: Believed) =>
      ['current', 'expired'].includes(cells.compare(generations, tags).is);
    return this.#losses.find((loss) => loss.root === root && isBelieved(loss)) ?? null;
  }

  purged(tags: readonly string[]): void {
    for (const { cells } of this.#losses) cells.forget(tags);
  }

  /** Nobody knows what was purged meanwhile. */
  clear(): void {
    this.#losses = [];
  }
}

/** Whether readers need not wait for the load yet. */
export function isInMoment({ lostAtMonotonicMs, afterSilence }: Loss, nowMonotonicMs: number): boolean {
  return afterSilence && nowMonotonicMs - lostAtMonotonicMs < MOMENT_MS;
}
