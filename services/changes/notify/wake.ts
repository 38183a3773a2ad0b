import type { Clock } from '../../clock.js';
import { pause } from '../pause.js';

/** Remembers a call until somebody waits for it. */
export class Wake {
  readonly #clock: Clock;
  #isCalled = false;
  #wake: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  call(): void {
    this.#isCalled = true;
    this.#wake();
  }

  /** Resolves at the next call, at once if there was one since the last wait, and at the latest after that time. */
  async wait(withinMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#isCalled) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await pause(withinMs, { clock: this.#clock, signal: AbortSignal.any([signal, woken.signal]) });
    }
    this.#isCalled = false;
  }
}
