import { LRUCache } from 'lru-cache';
import { tagsPurgedBy } from './control-replies.js';
import type {
  ControlSlot,
  Invalidation,
  KnownPosition,
  LookAnswer,
  Standing,
  SwitchChange,
  SwitchState,
  TagChange,
  Taken,
} from './control-slot.js';
import { type Generation, newGeneration, newRoot } from './stamp.js';

/** Tags remembered; one that is forgotten gets a new random generation, so its entries become misses, never wrong. */
const TAGS_MAX_COUNT = 100_000;

/** The truth of a process without Redis. Its looks are never stale, so its word is trusted without end. */
export class MemoryControlSlot implements ControlSlot {
  readonly trustMs = Number.POSITIVE_INFINITY;
  readonly #root = newRoot();
  readonly #generations = new LRUCache<string, Generation>({ max: TAGS_MAX_COUNT });
  readonly #switches = new Map<string, SwitchState>();
  /** What its only process has not seen yet; every look takes all of it. */
  #changes: TagChange[] = [];
  #invalidations: Invalidation[] = [];

  async look(known: KnownPosition, tags: readonly string[]): Promise<LookAnswer> {
    const isFirst = known.root !== this.#root;
    const [changes, invalidations] = [this.#changes, this.#invalidations];
    this.#changes = [];
    this.#invalidations = [];
    return {
      root: this.#root,
      position: '',
      newRoot: isFirst ? 'first' : null,
      list: this.#root,
      changes: isFirst ? 'gap' : changes,
      invalidations: isFirst ? [] : invalidations,
      purgedTags: tagsPurgedBy(invalidations),
      generations: tags.map((tag) => this.#generationOf(tag)),
      switches: new Map(this.#switches),
    };
  }

  async invalidate(invalidation: Invalidation): Promise<Taken> {
    const { tags, mode } = invalidation;
    for (const tag of tags) {
      const fresh = newGeneration();
      const generation = mode === 'purge' ? fresh : { ...this.#generationOf(tag), expire: fresh.expire };
      this.#generations.set(tag, generation);
      this.#changes.push({ tag, generation });
    }
    this.#invalidations.push(invalidation);
    return this.#taken();
  }

  switch({ tag, enabled, id, knownNumber }: SwitchChange): Promise<Taken> {
    const number = Math.max(this.#switches.get(tag)?.number ?? 0, knownNumber) + 1;
    return this.restore(tag, { isOff: !enabled, number, id });
  }

  async restore(tag: string, state: SwitchState): Promise<Taken> {
    this.#switches.set(tag, state);
    return state.isOff ? this.#taken() : this.invalidate({ tags: [tag], mode: 'purge', cause: 'switch' });
  }

  async confirm(): Promise<void> {}

  async acknowledged(): Promise<Standing> {
    return { root: this.#root, newRoot: null, list: this.#root, othersCount: 0, confirmedCount: 0 };
  }

  async isReplicated(): Promise<boolean> {
    return false;
  }

  async leave(): Promise<void> {}

  #taken(): Taken {
    return { root: this.#root, position: '', newRoot: null, replicasCount: 0 };
  }

  #generationOf(tag: string): Generation {
    const known = this.#generations.get(tag);
    if (known) return known;
    const created = newGeneration();
    this.#generations.set(tag, created);
    return created;
  }
}
