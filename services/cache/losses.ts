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
 * What this process believed and nobody can prove any more: the cells of a root that was lost, generations that Redis has lost, and
 * those made up while it was silent. Nobody is known to have purged them: whatever is purged later is taken out.
 */
export class Losses {
  /** One for each root, the latest first. */
  #losses: Believed[] = [];

  add(lost: Believed): void {
    const earlier = this.#losses.find(({ root }) => root === lost.root);
    const cells = earlier?.cells ?? lost.cells;
    if (earlier) cells.absorb(lost.cells);
    const others = this.#losses.filter((one) => one !== earlier);
    this.#losses = [{ ...lost, cells }, ...others].slice(0, LOSSES_MAX_COUNT);
  }

  /**
   * The loss that took the proof of this stamp; null: there is none, or it was not believed then, or was purged since. `current`:
   * what is known now, of the same root.
   */
  of({ root, generations }: Stamp, tags: readonly string[], current: Cells | null): Loss | null {
    const loss = this.#losses.find((one) => one.root === root);
    if (!loss || generations.length !== tags.length) return null;
    const isBelieved = tags.every((tag, i) => {
      const generation = generations[i];
      return (
        generation && (loss.cells.hasPurgeHalf(tag, generation) || current?.hasPurgeHalf(tag, generation))
      );
    });
    return isBelieved ? loss : null;
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
