import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { ControlSlot, Invalidation, LookAnswer, TagChange } from './control-slot.js';
import type { CacheObserver } from './observer.js';
import { type Generation, newGeneration, newRoot, type Stamp } from './stamp.js';

/** Tags known at once; one that is pushed out is asked for again, and never taken for unchanged. */
const CELLS_MAX_COUNT = 100_000;
const POLL_MS = 250;
/** Invalidations kept for a Redis that does not answer. */
const PENDING_MAX_COUNT = 1000;

/** What is known of one tag, and since when (wall clock): an expired entry is stale from the instant this was learned. */
interface Cell extends Generation {
  readonly sinceMs: number;
  /** Made up while Redis was silent: forgotten at its first answer. */
  readonly isMadeUp: boolean;
}

/** A stamp for a new load. `proven`: the truth vouches for it; else it holds in this process alone until Redis answers. */
export interface Proof {
  readonly stamp: Stamp;
  readonly proven: boolean;
}

/** How a stamp stands against what is known: `expiredAtMs` is when an expire was learned; unknown asks for a look. */
export type Verdict =
  | { readonly is: 'current' | 'purged' | 'unknown' }
  | { readonly is: 'expired'; readonly expiredAtMs: number };

const CURRENT: Verdict = { is: 'current' };
const PURGED: Verdict = { is: 'purged' };
const UNKNOWN: Verdict = { is: 'unknown' };

/**
 * What this process knows of the truth in the control slot, and how long it may believe it (PROTOCOL.md, "Process state").
 * Memory is used without asking only while trust lasts: trustMs from the sending of the last answered look.
 */
export class Generations {
  readonly #slot: ControlSlot;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #observer: CacheObserver;
  readonly #cells = new LRUCache<string, Cell>({ max: CELLS_MAX_COUNT });
  #anyMadeUp = false;
  /** Made up until the first answer, so that a process that never met Redis works on its own. */
  #root = newRoot();
  #met = false;
  #position = '';
  #confirmedAtMs = Number.NEGATIVE_INFINITY;
  #lastLookFailed = false;
  #looking = false;
  #waiting: {
    readonly tags: Set<string>;
    readonly answered: Promise<boolean>;
    readonly settle: (ok: boolean) => void;
  } | null = null;
  #stopPolling = (): void => {};
  #isStopped = false;
  /** Asked for, not yet taken by the slot. */
  readonly #pending = new Set<Invalidation>();

  constructor(options: { slot: ControlSlot; clock: Clock; log: Log; observer: CacheObserver }) {
    this.#slot = options.slot;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#observer = options.observer;
  }

  /** Looks at once and then at every poll. A slot in memory needs no polls. */
  async start(): Promise<void> {
    await this.#look([]);
    if (Number.isFinite(this.#slot.trustMs)) this.#poll();
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true;
    this.#stopPolling();
  }

  /** Tested at every read, never by a timer: a process that slept has no trust when it wakes. */
  get isTrusted(): boolean {
    return this.#clock.monotonicMs() - this.#confirmedAtMs < this.#slot.trustMs;
  }

  /** Redis does not answer and its last word is too old to be believed: what is served now is unproven. */
  get isIsolated(): boolean {
    return this.#lastLookFailed && !this.isTrusted;
  }

  /** Age of the last answered look; Infinity before the first. */
  get unconfirmedForMs(): number {
    return this.#clock.monotonicMs() - this.#confirmedAtMs;
  }

  /** How an entry stamped for these tags stands. Meaningful while trusted or isolated. */
  compare(stamp: Stamp, tags: readonly string[]): Verdict {
    if (stamp.root !== this.#root || stamp.generations.length !== tags.length) return PURGED;
    let expiredAtMs = Number.POSITIVE_INFINITY;
    let unknown = false;
    for (const [i, tag] of tags.entries()) {
      const cell = this.#cells.get(tag);
      const generation = stamp.generations[i];
      if (!cell) unknown = true;
      else if (cell.purge !== generation?.purge) return PURGED;
      else if (cell.expire !== generation.expire) expiredAtMs = Math.min(expiredAtMs, cell.sinceMs);
    }
    if (unknown) return UNKNOWN;
    return expiredAtMs === Number.POSITIVE_INFINITY ? CURRENT : { is: 'expired', expiredAtMs };
  }

  /** The generations of these tags for a load that begins now: from memory while trusted, else by a look. */
  async prove(tags: readonly string[]): Promise<Proof> {
    const known = this.proveFromMemory(tags);
    if (known) return known;
    if (!this.isIsolated && (await this.#look(tags))) {
      const learned = this.proveFromMemory(tags);
      if (learned) return learned;
    }
    return { stamp: this.#makeUpStamp(tags), proven: false };
  }

  /** The same without waiting: null when it takes a look. */
  proveFromMemory(tags: readonly string[]): Proof | null {
    if (!this.isTrusted) return this.isIsolated ? { stamp: this.#makeUpStamp(tags), proven: false } : null;
    const stamp = this.#stampOf(tags);
    return stamp && { stamp, proven: !tags.some((tag) => this.#cells.peek(tag)?.isMadeUp) };
  }

  /**
   * In force here when it resolves; other processes learn of it by their next look. Rejects when the slot did not take it:
   * then it holds here, and is tried again before any later look, so that trust never returns without it.
   */
  async invalidate(invalidation: Invalidation): Promise<void> {
    // The slot has no way to take it, so it would wait, and keep trust away, for ever.
    if (invalidation.tags.length === 0) return;
    this.#observer.event(invalidation.mode === 'purge' ? 'purges' : 'expires');
    // A slot that answers takes all that wait, and makes room.
    if (this.#pending.size >= PENDING_MAX_COUNT) await this.#look([]);
    const isQueued = this.#pending.size < PENDING_MAX_COUNT;
    if (isQueued) this.#pending.add(invalidation);
    // Applied through a look begun after it was taken: the order of the log is the only order.
    if (isQueued && (await this.#look([]))) return;
    this.#applyHere(invalidation);
    const fate = isQueued ? 'is tried again' : 'is not tried again: too many wait already';
    if (!isQueued)
      this.#log.error({ tags: invalidation.tags }, `An invalidation holds here only and ${fate}`);
    throw new Error(`Redis did not take the invalidation: it holds in this process and ${fate}`);
  }

  #stampOf(tags: readonly string[]): Stamp | null {
    const generations: Generation[] = [];
    for (const tag of tags) {
      const cell = this.#cells.get(tag);
      if (!cell) return null;
      generations.push({ purge: cell.purge, expire: cell.expire });
    }
    return { root: this.#root, generations };
  }

  #makeUpStamp(tags: readonly string[]): Stamp {
    const generations = tags.map((tag) => this.#cells.get(tag) ?? this.#makeUp(tag));
    return { root: this.#root, generations: generations.map(({ purge, expire }) => ({ purge, expire })) };
  }

  #makeUp(tag: string): Cell {
    const cell = { ...newGeneration(), sinceMs: this.#clock.nowMs(), isMadeUp: true };
    this.#cells.set(tag, cell);
    this.#anyMadeUp = true;
    return cell;
  }

  /** In isolation: what it replaces is replaced again by the log once the slot took it. */
  #applyHere({ tags, mode }: Invalidation): void {
    for (const tag of tags) {
      const fresh = newGeneration();
      const known = this.#cells.peek(tag);
      if (!known) continue;
      const { purge, expire } = mode === 'purge' ? fresh : { purge: known.purge, expire: fresh.expire };
      this.#cells.set(tag, { ...known, purge, expire, sinceMs: this.#clock.nowMs() });
    }
  }

  #poll(): void {
    // Stopped while the first look was under way.
    if (this.#isStopped) return;
    this.#stopPolling = this.#clock.after(POLL_MS, () => {
      void this.#look([]);
      this.#poll();
    });
  }

  /** Whether the slot answered. One look at a time: answers of two could be applied out of order. */
  #look(tags: readonly string[]): Promise<boolean> {
    if (!this.#looking) return this.#lookNow(tags);
    if (!this.#waiting) {
      let settle: (ok: boolean) => void = () => {};
      const answered = new Promise<boolean>((resolve) => {
        settle = resolve;
      });
      this.#waiting = { tags: new Set(), answered, settle };
    }
    for (const tag of tags) this.#waiting.tags.add(tag);
    return this.#waiting.answered;
  }

  async #lookNow(tags: readonly string[]): Promise<boolean> {
    this.#looking = true;
    // Trust counts from the sending: what the answer says may have changed while it travelled.
    const sentAtMs = this.#clock.monotonicMs();
    let answered = false;
    try {
      await this.#landPending();
      const answer = await this.#slot.look(
        { root: this.#met ? this.#root : '', position: this.#position },
        tags,
      );
      this.#apply(answer, tags, sentAtMs);
      answered = true;
    } catch (error) {
      this.#noteSilence(error);
    } finally {
      this.#observer.operation('look', this.#clock.monotonicMs() - sentAtMs);
      this.#looking = false;
      this.#lookForWaiting();
    }
    return answered;
  }

  async #landPending(): Promise<void> {
    for (const invalidation of this.#pending) {
      const startedMs = this.#clock.monotonicMs();
      const newRootCause = await this.#slot.invalidate(invalidation);
      if (newRootCause) this.#observer.newRoot(this.#met ? newRootCause : 'first');
      this.#pending.delete(invalidation);
      this.#observer.operation('invalidate', this.#clock.monotonicMs() - startedMs);
    }
  }

  #lookForWaiting(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = null;
    void this.#lookNow([...waiting.tags]).then(waiting.settle);
  }

  #apply(answer: LookAnswer, tags: readonly string[], sentAtMs: number): void {
    this.#observer.event('looks');
    if (answer.newRoot) this.#observer.newRoot(answer.newRoot);
    if (answer.root !== this.#root || answer.changes === 'gap') this.#beginTerm(answer.root);
    this.#forgetMadeUp();
    if (answer.changes !== 'gap') this.#applyChanges(answer.changes);
    this.#position = answer.position;
    for (const [i, tag] of tags.entries()) {
      const generation = answer.generations[i];
      if (generation) this.#learn(tag, generation);
    }
    this.#confirmedAtMs = sentAtMs;
    if (this.#lastLookFailed) this.#log.info({}, 'Redis answers again: the cache proves its entries anew');
    this.#lastLookFailed = false;
  }

  /** Nothing known before may be used again; the cells are found anew, on demand. */
  #beginTerm(root: string): void {
    if (this.#met && root === this.#root) this.#observer.event('gaps');
    this.#cells.clear();
    this.#root = root;
    this.#met = true;
  }

  #forgetMadeUp(): void {
    if (!this.#anyMadeUp) return;
    for (const [tag, { isMadeUp }] of [...this.#cells.entries()]) if (isMadeUp) this.#cells.delete(tag);
    this.#anyMadeUp = false;
  }

  /** Only tags in use are followed: an unknown one is asked for when it is wanted. */
  #applyChanges(changes: readonly TagChange[]): void {
    for (const { tag, generation } of changes) if (this.#cells.has(tag)) this.#learn(tag, generation);
  }

  #learn(tag: string, { purge, expire }: Generation): void {
    const known = this.#cells.peek(tag);
    if (known?.purge === purge && known.expire === expire) return;
    this.#cells.set(tag, { purge, expire, sinceMs: this.#clock.nowMs(), isMadeUp: false });
  }

  #noteSilence(error: unknown): void {
    this.#observer.event('look_failures');
    if (!this.#lastLookFailed)
      this.#log.warn({ err: error }, 'Redis does not answer: the cache goes on with what it knows');
    this.#lastLookFailed = true;
  }
}
