import type { Clock } from '../../../services/clock.js';

/** What real Redis and DuckDB may be slower by on a busy machine than the deadlines set for them. */
const SLOWNESS = 20;
/** What waits so long belongs to the calendar of the service: minutes and hours. */
const CALENDAR_MS = 30_000;

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/**
 * A clock whose hands stand still until the test shifts them, and whose minutes and hours turn when they pass. What is shorter
 * waits for something real: those timers run, but slowly, so that a busy machine runs into no deadline.
 */
export class TurningClock implements Clock {
  readonly #startMs: number;
  readonly #timers = new Set<Timer>();
  #shiftedMs = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + Math.floor(this.#shiftedMs);
  }

  monotonicMs(): number {
    return this.#shiftedMs;
  }

  after(delayMs: number, action: () => void): () => void {
    if (delayMs >= CALENDAR_MS) {
      const timer = { dueMs: this.#shiftedMs + delayMs, action };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    }
    const timer = setTimeout(action, delayMs * SLOWNESS);
    timer.unref();
    return () => clearTimeout(timer);
  }

  shift(byMs: number): void {
    const endMs = this.#shiftedMs + byMs;
    for (;;) {
      const [next] = [...this.#timers]
        .filter(({ dueMs }) => dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.#timers.delete(next);
      this.#shiftedMs = Math.max(next.dueMs, this.#shiftedMs);
      next.action();
    }
    this.#shiftedMs = endMs;
  }

  /** To the begin of the next minute. */
  endMinute(): void {
    this.shift(60_000 - (this.nowMs() % 60_000));
  }
}
