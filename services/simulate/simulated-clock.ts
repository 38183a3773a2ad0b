import type { Clock } from '../clock.js';

interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/** A clock whose time is that of a log: it stands still while anything is done, and goes from one event to the next. */
export class SimulatedClock implements Clock {
  readonly #startMs: number;
  readonly #settle: () => Promise<void>;
  #monotonicMs = 0;
  /** What is due first comes last. */
  readonly #timers: Timer[] = [];

  /** `settle` resolves when everything that waits for no time has been done. */
  constructor(options: { startMs: number; settle: () => Promise<void> }) {
    this.#startMs = options.startMs;
    this.#settle = options.settle;
  }

  nowMs(): number {
    return Math.floor(this.#startMs + this.#monotonicMs);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), action };
    this.#timers.splice(this.#placeOf(timer.dueMs), 0, timer);
    return () => {
      const at = this.#timers.lastIndexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Goes on to that instant (wall clock), timer by timer. */
  async goTo(wallMs: number): Promise<void> {
    const endMs = wallMs - this.#startMs;
    for (let next = this.#timers.at(-1); next && next.dueMs <= endMs; next = this.#timers.at(-1)) {
      this.#timers.pop();
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      next.action();
      await this.#settle();
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, endMs);
  }

  /** Behind those that are due later or at the same time: of equals the first is called first. */
  #placeOf(dueMs: number): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
