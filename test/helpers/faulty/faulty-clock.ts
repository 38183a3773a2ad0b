import type { Clock } from '../../../services/clock.js';

/** A clock over another whose hands jump and stand still, as those of hosts do. */
export class FaultyClock implements Clock {
  readonly #real: Clock;
  /** By how much the hands differ from the real ones. */
  #wallAheadMs = 0;
  #monotonicAheadMs = 0;
  #frozen: { readonly wallMs: number; readonly monotonicMs: number } | null = null;
  /** Timers that came due while it was frozen. */
  readonly #overdue = new Set<() => void>();

  constructor(real: Clock) {
    this.#real = real;
  }

  nowMs(): number {
    return this.#frozen?.wallMs ?? this.#real.nowMs() + this.#wallAheadMs;
  }

  monotonicMs(): number {
    return this.#frozen?.monotonicMs ?? this.#real.monotonicMs() + this.#monotonicAheadMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const due = () => {
      if (this.#frozen) this.#overdue.add(action);
      else action();
    };
    const cancel = this.#real.after(delayMs, due);
    return () => {
      cancel();
      this.#overdue.delete(action);
    };
  }

  /** The wall clock is set, forwards or back; the monotonic one and all timers go on. */
  jumpWall(byMs: number): void {
    this.#wallAheadMs += byMs;
  }

  /** Both hands stand and no timer runs: the process, or its host, is stopped. */
  freeze(): void {
    this.#frozen ??= { wallMs: this.nowMs(), monotonicMs: this.monotonicMs() };
  }

  /**
   * Goes on, and runs the timers that came due meanwhile. The wall clock shows the right time again. The monotonic one has gone
   * on when a process was suspended, and has stood when its whole host was.
   */
  thaw(was: 'process suspended' | 'host suspended'): void {
    const frozen = this.#frozen;
    if (!frozen) return;
    this.#frozen = null;
    if (was === 'host suspended') this.#monotonicAheadMs = frozen.monotonicMs - this.#real.monotonicMs();
    for (const action of [...this.#overdue]) {
      this.#overdue.delete(action);
      action();
    }
  }
}
