import type { Clock } from '../clock.js';
import type { Landed } from './acknowledging.js';
import type { Invalidation, Taken } from './control-slot.js';
import type { CacheObserver } from './observer.js';

const PENDING_MAX_COUNT = 1000;

/** An invalidation or a switch that this process makes. */
export interface Change {
  readonly what: 'invalidation' | 'switch';
  readonly tags: readonly string[];
  /** What it does to generations, if anything. */
  readonly invalidation: Invalidation | null;
  /** Harmless if it runs twice. */
  send(): Promise<Taken>;
  /** While the slot does not take it. */
  applyHere(): void;
  /** Set when the slot has taken it. */
  landed: Landed | null;
}

/** Asked for, not yet taken by the slot: invalidations and switches land in the order in which they were asked for. */
export class PendingChanges {
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  readonly #pending = new Set<Change>();
  #untold: Invalidation[] = [];

  constructor(options: { clock: Clock; observer: CacheObserver }) {
    this.#clock = options.clock;
    this.#observer = options.observer;
  }

  get isFull(): boolean {
    return this.#pending.size >= PENDING_MAX_COUNT;
  }

  add(change: Change): void {
    this.#pending.add(change);
  }

  /** Sends all that wait; rejects at the first that the slot does not take. `isFirst`: this process has never met the slot. */
  async land(isFirst: boolean): Promise<void> {
    for (const change of this.#pending) {
      const startedMs = this.#clock.monotonicMs();
      const taken = await change.send();
      const atMs = this.#clock.monotonicMs();
      change.landed = { ...taken, atMs };
      if (taken.newRoot) this.#observer.newRoot(isFirst ? 'first' : taken.newRoot);
      this.#pending.delete(change);
      if (change.invalidation) this.#untold.push(change.invalidation);
      this.#observer.operation('invalidate', atMs - startedMs);
    }
  }

  /** What landed since this was asked last: the log tells it to everybody, unless a gap swallows it. */
  takeUntold(): readonly Invalidation[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }
}
