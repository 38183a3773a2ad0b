import type { Clock } from '../../../services/clock.js';

/** What real Redis and DuckDB may be slower by on a busy machine than the deadlines set for them. */
const SLOWNESS = 20;

/**
 * A clock whose hands stand still until the test shifts them, so that ttl, trust and shared failures end exactly when the test
 * says. Its timers run, because what they wait for is real, but slowly: a busy machine must not run into a deadline.
 */
export class HeldClock implements Clock {
  readonly #startMs = Date.now();
  #shiftedMs = 0;

  nowMs(): number {
    return this.#startMs + this.#shiftedMs;
  }

  monotonicMs(): number {
    return this.#shiftedMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = setTimeout(action, delayMs * SLOWNESS);
    timer.unref();
    return () => clearTimeout(timer);
  }

  shift(byMs: number): void {
    this.#shiftedMs += byMs;
  }
}
