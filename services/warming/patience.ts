import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';

/** Where a source does not say when it may be asked again. */
const AGAIN_MS = 1000;

export interface PatienceOptions {
  readonly clock: Clock;
  /** Ends it at once. */
  readonly signal: AbortSignal;
  readonly patienceMs: number;
}

/** Time for sources that have too much to do, or whose budget is spent: from its making on, for all that is asked with it. */
export class Patience {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #untilMs: number;

  constructor({ clock, signal, patienceMs }: PatienceOptions) {
    this.#clock = clock;
    this.#signal = signal;
    this.#untilMs = clock.monotonicMs() + patienceMs;
  }

  /** Asks until it is answered otherwise than with source_overloaded, or the time is up: then with that. */
  async ask<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const isBusy = error instanceof DashcacheError && error.code === 'source_overloaded';
        if (!isBusy || this.#signal.aborted || this.#clock.monotonicMs() >= this.#untilMs) throw error;
        const { retryAfterSeconds } = error;
        await this.#passed(retryAfterSeconds === undefined ? AGAIN_MS : retryAfterSeconds * 1000);
      }
    }
  }

  /** At once when it is given up. */
  #passed(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.after(delayMs, end);
      this.#signal.addEventListener('abort', end);
    });
  }
}
