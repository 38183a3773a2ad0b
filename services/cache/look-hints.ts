import type { Clock } from '../clock.js';

/** Processes that hear the same message do not all ask at the same moment. */
const SPREAD_MS = 5;
/** A storm of messages is answered by a look now and then: a later one sees all that the earlier would have. */
const GAP_MS = 20;

/** Turns hints into looks: soon, and never more than one for all hints that come before it is sent. */
export class LookHints {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #look: () => Promise<unknown>;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #isWanted = false;
  #cancel: (() => void) | null = null;
  #isClosed = false;

  /** `random` gives [0, 1); `look` never rejects. */
  constructor(options: { clock: Clock; random: () => number; look: () => Promise<unknown> }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#look = options.look;
  }

  hint(): void {
    if (this.#isClosed) return;
    // What is under way may have been sent before the change: one more, when it has come back.
    if (this.#isLooking) this.#isWanted = true;
    else this.#plan();
  }

  /** No look begins any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancel?.();
  }

  #plan(): void {
    if (this.#cancel) return;
    const gapMs = this.#lookedAtMs + GAP_MS - this.#clock.monotonicMs();
    const delayMs = Math.max(this.#random() * SPREAD_MS, gapMs);
    this.#cancel = this.#clock.after(delayMs, () => {
      this.#cancel = null;
      void this.#lookNow();
    });
  }

  async #lookNow(): Promise<void> {
    this.#lookedAtMs = this.#clock.monotonicMs();
    this.#isLooking = true;
    this.#isWanted = false;
    await this.#look();
    this.#isLooking = false;
    if (this.#isWanted && !this.#isClosed) this.#plan();
  }
}
