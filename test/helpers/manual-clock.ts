import type { Clock } from '../../services/clock.js';

interface Timer {
  dueMs: number;
  action: () => void;
}

/** A clock whose hands a test turns: `advance` runs the timers that come due, in order. */
export class ManualClock implements Clock {
  readonly #startMs: number;
  #monotonicMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 5, 15, 12)) {
    this.#startMs = startMs;
  }

  /** Whole, as Date.now() is, also when a timer was due at a fraction. */
  nowMs(): number {
    return this.#startMs + Math.floor(this.#monotonicMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  advance(byMs: number): void {
    const endMs = this.#monotonicMs + byMs;
    for (;;) {
      const next = [...this.#timers].filter((t) => t.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#monotonicMs = Math.max(next.dueMs, this.#monotonicMs);
      next.action();
    }
    this.#monotonicMs = endMs;
  }
}
