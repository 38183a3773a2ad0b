import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { CallerWindow } from './caller-window.js';
import type { Rate } from './rate.js';

/** So often processes tell each other what was asked. Between, a caller may have as many times as much as there are processes. */
const SHARE_EVERY_MS = 250;
/** Callers that are known at once: whoever asked least recently is forgotten. */
const CALLERS_MAX_COUNT = 10_000;
/** Who has asked less than this share of what he may is not worth telling of. */
const TOLD_FROM_SHARE = 1 / 50;
/** Told of in one step. */
const BATCH_COUNT = 500;

/** What one caller has asked of one process in one window. */
export interface CallerCount {
  readonly caller: string;
  readonly count: number;
}

/** What each caller asked, told among processes. */
export interface RateLedger {
  /** Tells how much this process has counted in a window, and gives what all have, in the same order; null: nobody answers, or too late. */
  tell(window: number, counts: readonly CallerCount[]): Promise<readonly number[] | null>;
}

/** Says who has asked too often. Decided here at once; what others counted is heard four times a second, so no request waits for Redis. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #ledger: RateLedger | null;
  readonly #callers: LRUCache<string, CallerWindow>;
  #isTelling = false;
  #cancel = (): void => {};

  constructor(options: { rate: Rate; clock: Clock; ledger: RateLedger | null }) {
    this.#rate = options.rate;
    this.#clock = options.clock;
    this.#ledger = options.ledger;
    this.#callers = new LRUCache({ max: CALLERS_MAX_COUNT });
    if (this.#ledger) this.#tellLater(this.#ledger);
  }

  /** Counts a request and gives 0, or the ms until the caller may ask again; what is refused does not count. */
  waitMsOf(caller: string): number {
    const nowMs = this.#clock.nowMs();
    let window = this.#callers.get(caller);
    if (!window) {
      window = new CallerWindow(Math.floor(nowMs / this.#rate.windowMs));
      this.#callers.set(caller, window);
    }
    const waitMs = window.waitMs(nowMs, this.#rate);
    if (waitMs === 0) window.asked();
    return waitMs;
  }

  close(): void {
    this.#cancel();
  }

  #tellLater(ledger: RateLedger): void {
    this.#cancel = this.#clock.after(SHARE_EVERY_MS, () => {
      if (!this.#isTelling) void this.#tell(ledger);
      this.#tellLater(ledger);
    });
  }

  async #tell(ledger: RateLedger): Promise<void> {
    this.#isTelling = true;
    try {
      const window = Math.floor(this.#clock.nowMs() / this.#rate.windowMs);
      const told: (CallerCount & { readonly of: CallerWindow })[] = [];
      // Who asked last comes first.
      for (const [caller, of] of this.#callers.entries()) {
        if (told.length >= BATCH_COUNT) break;
        const count = of.ownCountIn(window);
        if (count > this.#rate.maxCount * TOLD_FROM_SHARE) told.push({ caller, count, of });
      }
      const totals = told.length > 0 ? await ledger.tell(window, told) : null;
      for (const [i, { of, count }] of told.entries()) {
        const totalCount = totals?.[i];
        if (totalCount !== undefined) of.heard(window, { totalCount, toldCount: count });
      }
    } finally {
      this.#isTelling = false;
    }
  }
}
