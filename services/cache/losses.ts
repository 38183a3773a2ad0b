import type { TagChange } from './control-slot.js';
import type { Generation, Stamp } from './stamp.js';

/** So many losses are remembered, of roots and of one tag's generations; what was lost before them is gone. */
const LOSSES_MAX_COUNT = 4;

/** Tags of one root; of the others nobody knows what was believed, so what carries them is gone. */
const LOST_MAX_COUNT = 100_000;

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
  /** By tag, the latest last: a tag may lose more than one under one root, first one made up and then that of Redis. */
  readonly purgeHalves: Map<string, readonly string[]>;
}

/**
 * What this process believed and nobody can prove any more: the cells of a root that was lost, generations that Redis has lost, and
 * those made up while it was silent. Nobody is known to have purged them: whatever is purged later is taken out.
 */
export class Losses {
  /** One for each root, the latest first. */
  #losses: Believed[] = [];

  add(root: string, lost: readonly TagChange[], loss: Loss): void {
    const earlier = this.#losses.find((one) => one.root === root);
    const purgeHalves = earlier?.purgeHalves ?? new Map<string, readonly string[]>();
    for (const { tag, generation } of lost) {
      const halves = [...(purgeHalves.get(tag) ?? []), generation.purge];
      purgeHalves.set(tag, halves.slice(-LOSSES_MAX_COUNT));
    }
    for (const tag of purgeHalves.keys()) {
      if (purgeHalves.size <= LOST_MAX_COUNT) break;
      purgeHalves.delete(tag);
    }
    const others = this.#losses.filter((one) => one !== earlier);
    this.#losses = [{ ...loss, root, purgeHalves }, ...others].slice(0, LOSSES_MAX_COUNT);
  }

  /**
   * The loss that took the proof of this stamp; null: there is none, or it was not believed then, or was purged since. `isCurrent`
   * says of a tag whether it still has that generation.
   */
  of(
    { root, generations }: Stamp,
    tags: readonly string[],
    isCurrent: (tag: string, generation: Generation) => boolean,
  ): Loss | null {
    const loss = this.#losses.find((one) => one.root === root);
    if (!loss || generations.length !== tags.length) return null;
    const isBelieved = (tag: string, generation: Generation | undefined) =>
      generation !== undefined &&
      (loss.purgeHalves.get(tag)?.includes(generation.purge) || isCurrent(tag, generation));
    return tags.every((tag, i) => isBelieved(tag, generations[i])) ? loss : null;
  }

  purged(tags: readonly string[]): void {
    for (const { purgeHalves } of this.#losses) for (const tag of tags) purgeHalves.delete(tag);
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
