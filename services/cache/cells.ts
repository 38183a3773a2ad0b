import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { InvalidationMode, TagChange } from './control-slot.js';
import { type Generation, newGeneration } from './stamp.js';

/** Tags known at once; one that is pushed out is asked for again, and never taken for unchanged. */
const CELLS_MAX_COUNT = 100_000;

/** Expire halves that were replaced and are remembered; what is pushed out counts as older than it is. */
const SUPERSEDED_MAX_COUNT = 100_000;

/** What is known of one tag, and since when (wall clock) its purge half has stood. */
interface Cell extends Generation {
  readonly sinceMs: number;
  /** Made up while Redis was silent: forgotten at its first answer. */
  readonly isMadeUp: boolean;
}

/** How a stamp stands against what is known: `expiredAtMs` is when an expire was learned; unknown asks for a look. */
export type Verdict =
  | { readonly is: 'current' | 'purged' | 'unknown' }
  | { readonly is: 'expired'; readonly expiredAtMs: number };

interface Known {
  readonly changesCount: number;
  readonly generations: readonly Generation[];
}

interface Compared {
  readonly tags: readonly string[];
  readonly changesCount: number;
  readonly verdict: Verdict;
}

const CURRENT: Verdict = { is: 'current' };
export const PURGED: Verdict = { is: 'purged' };
const UNKNOWN: Verdict = { is: 'unknown' };

/** The generations that this process knows of the tags in use. How long they may be believed is not decided here. */
export class Cells {
  readonly #clock: Clock;
  readonly #cells = new LRUCache<string, Cell>({
    max: CELLS_MAX_COUNT,
    // Set, replaced, pushed out or taken away.
    dispose: () => this.#changed(),
    onInsert: () => this.#changed(),
  });
  /** When each was replaced, the oldest first: an entry is stale from the first change that it lacks, however many have followed. */
  readonly #superseded = new Map<string, number>();
  #hasMadeUp = false;
  /** Grows with every change of what is known. */
  #changesCount = 0;
  /** What is asked again and again, for the same generations and the very same list of tags. */
  readonly #compared = new WeakMap<readonly Generation[], Compared>();
  readonly #known = new WeakMap<readonly string[], Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How generations of these tags, as many and in their order, stand. */
  compare(generations: readonly Generation[], tags: readonly string[]): Verdict {
    const before = this.#compared.get(generations);
    if (before?.tags === tags && before.changesCount === this.#changesCount) return before.verdict;
    const verdict = this.#compareNow(generations, tags);
    this.#compared.set(generations, { tags, changesCount: this.#changesCount, verdict });
    return verdict;
  }

  #compareNow(generations: readonly Generation[], tags: readonly string[]): Verdict {
    let expiredAtMs = Number.POSITIVE_INFINITY;
    let unknown = false;
    for (const [i, tag] of tags.entries()) {
      const cell = this.#cells.get(tag);
      const generation = generations[i];
      if (!cell) unknown = true;
      else if (cell.purge !== generation?.purge) return PURGED;
      else if (cell.expire !== generation.expire)
        expiredAtMs = Math.min(expiredAtMs, this.#superseded.get(generation.expire) ?? cell.sinceMs);
    }
    if (unknown) return UNKNOWN;
    return expiredAtMs === Number.POSITIVE_INFINITY ? CURRENT : { is: 'expired', expiredAtMs };
  }

  /** Null unless all are known. The same list for the same list of tags, as long as nothing changes. */
  generationsOf(tags: readonly string[]): readonly Generation[] | null {
    const before = this.#known.get(tags);
    if (before?.changesCount === this.#changesCount) return before.generations;
    const generations = this.#generationsNow(tags);
    if (generations) this.#known.set(tags, { changesCount: this.#changesCount, generations });
    return generations;
  }

  #generationsNow(tags: readonly string[]): Generation[] | null {
    const generations: Generation[] = [];
    for (const tag of tags) {
      const cell = this.#cells.get(tag);
      if (!cell) return null;
      generations.push({ purge: cell.purge, expire: cell.expire });
    }
    return generations;
  }

  /** The same, with what is not known made up. */
  inventedOf(tags: readonly string[]): Generation[] {
    const cells = tags.map((tag) => this.#cells.get(tag) ?? this.#makeUp(tag));
    return cells.map(({ purge, expire }) => ({ purge, expire }));
  }

  isAnyMadeUp(tags: readonly string[]): boolean {
    return this.#hasMadeUp && tags.some((tag) => this.#cells.peek(tag)?.isMadeUp);
  }

  learn(tag: string, { purge, expire }: Generation): void {
    const known = this.#cells.peek(tag);
    if (known?.purge === purge && known.expire === expire) return;
    this.#replace(tag, { purge, expire, isMadeUp: false });
  }

  /** Only tags in use are followed: an unknown one is asked for when it is wanted. */
  follow(changes: readonly TagChange[]): void {
    for (const { tag, generation } of changes) if (this.#cells.has(tag)) this.learn(tag, generation);
  }

  /** In isolation: what it replaces is replaced again by the log once the slot took it. */
  renewHere(tags: readonly string[], mode: InvalidationMode): void {
    for (const tag of tags) {
      const fresh = newGeneration();
      const known = this.#cells.peek(tag);
      if (!known) continue;
      const { purge, expire } = mode === 'purge' ? fresh : { purge: known.purge, expire: fresh.expire };
      this.#replace(tag, { purge, expire, isMadeUp: known.isMadeUp });
    }
  }

  /** What is known of a tag says that nobody has purged it since it had this generation. */
  hasPurgeHalf(tag: string, { purge }: Generation): boolean {
    return this.#cells.peek(tag)?.purge === purge;
  }

  /** What is known of these tags, where that contradicts what is told by more than an expire. */
  contradicted(told: readonly TagChange[]): TagChange[] {
    return told.flatMap(({ tag, generation }) => {
      const known = this.#cells.peek(tag);
      return known && known.purge !== generation.purge ? [{ tag, generation: known }] : [];
    });
  }

  /** Takes out what was made up. */
  takeMadeUp(): TagChange[] {
    if (!this.#hasMadeUp) return [];
    this.#hasMadeUp = false;
    const madeUp = [...this.#cells.entries()].filter(([, { isMadeUp }]) => isMadeUp);
    for (const [tag] of madeUp) this.#cells.delete(tag);
    return madeUp.map(([tag, generation]) => ({ tag, generation }));
  }

  /** Takes out everything. */
  takeAll(): TagChange[] {
    const all = [...this.#cells.entries()].map(([tag, generation]) => ({ tag, generation }));
    this.#cells.clear();
    this.#hasMadeUp = false;
    return all;
  }

  #replace(tag: string, next: Omit<Cell, 'sinceMs'>): void {
    const known = this.#cells.peek(tag);
    const nowMs = this.#clock.nowMs();
    const isExpire = known?.purge === next.purge;
    if (isExpire) this.#remember(known.expire, nowMs);
    this.#cells.set(tag, { ...next, sinceMs: isExpire ? known.sinceMs : nowMs });
  }

  #remember(expire: string, nowMs: number): void {
    this.#superseded.set(expire, nowMs);
    const [oldest] = this.#superseded.keys();
    if (this.#superseded.size > SUPERSEDED_MAX_COUNT && oldest !== undefined) this.#superseded.delete(oldest);
  }

  #changed(): void {
    this.#changesCount++;
  }

  #makeUp(tag: string): Cell {
    const cell = { ...newGeneration(), sinceMs: this.#clock.nowMs(), isMadeUp: true };
    this.#cells.set(tag, cell);
    this.#hasMadeUp = true;
    return cell;
  }
}
