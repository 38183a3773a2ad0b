import type { Clock } from '../clock.js';
import type { Entry } from './entry.js';
import { LEASE_MS } from './lease-value.js';
import type { CacheObserver } from './observer.js';
import type { RedisStore } from './redis-store.js';
import { writeSharedError } from './shared-error.js';

/** Three beats fit into a lease: one that is lost costs nothing. */
const BEAT_MS = 500;

export interface LeaseParts {
  readonly store: RedisStore;
  readonly clock: Clock;
  readonly observer: CacheObserver;
}

/**
 * The permission to load one key for all processes, held by a beat until the load has ended. Whoever holds it may be frozen and wake
 * too late: then Redis refuses what he brings.
 */
export class Lease {
  readonly #keyHash: string;
  readonly #value: string;
  readonly #store: RedisStore;
  readonly #clock: Clock;
  readonly #observer: CacheObserver;
  /** Monotonic: when the last question was sent that Redis answered with yes. Redis counts from later than that. */
  #confirmedAtMs: number;
  #isOver = false;
  #isLost = false;
  #cancelBeat = (): void => {};

  constructor(held: { keyHash: string; value: string; sentAtMs: number }, parts: LeaseParts) {
    this.#keyHash = held.keyHash;
    this.#value = held.value;
    this.#confirmedAtMs = held.sentAtMs;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#observer = parts.observer;
    this.#beatLater();
  }

  /**
   * Hands the entry over to the others and frees the lease. Whether it may be kept here too: not if another may have loaded since,
   * however it came to that.
   */
  async fill(entry: Entry): Promise<boolean> {
    if (!this.#finish()) return false;
    if (this.#isLost) return false;
    const filled = await this.#store.fill(entry, this.#value);
    if (filled === 'refused') this.#lose();
    // Without an answer, e.g. of a Redis that is full: nobody else can have loaded while the lease cannot have run out.
    if (filled === 'unanswered') void this.#store.end(this.#keyHash, this.#value, null);
    const leftMs = this.#confirmedAtMs + LEASE_MS - this.#clock.monotonicMs();
    return filled === 'stored' || (filled === 'unanswered' && leftMs > 0);
  }

  /** Frees the lease with nothing to hand over: whoever waits asks the source himself. */
  async release(): Promise<void> {
    if (this.#finish()) await this.#store.end(this.#keyHash, this.#value, null);
  }

  /** Frees the lease and lets those who wait have the error, beside whatever value there is (invariant 5). */
  async fail(error: unknown): Promise<void> {
    if (this.#finish()) await this.#store.end(this.#keyHash, this.#value, writeSharedError(error));
  }

  /** False if it is over already: given back, while its load went on. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cancelBeat();
    return true;
  }

  #beatLater(): void {
    this.#cancelBeat = this.#clock.after(BEAT_MS, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const sentAtMs = this.#clock.monotonicMs();
    const isHeld = await this.#store.beat(this.#keyHash, this.#value);
    if (this.#isOver) return;
    if (isHeld === false) return this.#lose();
    if (isHeld) this.#confirmedAtMs = sentAtMs;
    this.#beatLater();
  }

  /** The load goes on: its readers wait for it. */
  #lose(): void {
    if (!this.#isLost) this.#observer.event('leases_lost');
    this.#isLost = true;
  }
}
