import { LRUCache } from 'lru-cache';
import type { ControlSlot, Invalidation, KnownPosition, LookAnswer, TagChange } from './control-slot.js';
import { type Generation, newGeneration, newRoot } from './stamp.js';

/** Tags remembered; one that is forgotten gets a new random generation, so its entries become misses, never wrong. */
const TAGS_MAX_COUNT = 100_000;

/** The truth of a process without Redis. Its looks are never stale, so its word is trusted without end. */
export class MemoryControlSlot implements ControlSlot {
  readonly trustMs = Number.POSITIVE_INFINITY;
  readonly #root = newRoot();
  readonly #generations = new LRUCache<string, Generation>({ max: TAGS_MAX_COUNT });
  /** What its only process has not seen yet; every look takes all of it. */
  #changes: TagChange[] = [];

  async look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer> {
    const isFirst = known.root !== this.#root;
    const changes = this.#changes;
    this.#changes = [];
    return {
      root: this.#root,
      position: '',
      newRoot: isFirst ? 'first' : null,
      changes: isFirst ? 'gap' : changes,
      generations: tags.map((tag) => this.#generationOf(tag)),
    };
  }

  async invalidate({ tags, mode }: Invalidation): Promise<null> {
    for (const tag of tags) {
      const fresh = newGeneration();
      const generation = mode === 'purge' ? fresh : { ...this.#generationOf(tag), expire: fresh.expire };
      this.#generations.set(tag, generation);
      this.#changes.push({ tag, generation });
    }
    return null;
  }

  #generationOf(tag: string): Generation {
    const known = this.#generations.get(tag);
    if (known) return known;
    const created = newGeneration();
    this.#generations.set(tag, created);
    return created;
  }
}
