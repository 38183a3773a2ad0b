import type { Rate } from './rate.js';

/** What one caller has asked in this window of time, here and elsewhere, and in the one before it. */
export class CallerWindow {
  #window: number;
  /** Asked here in this window. */
  #ownCount = 0;
  #othersCount = 0;
  #previousCount = 0;

  constructor(window: number) {
    this.#window = window;
  }

  /** Asked here in this window, if it is that one. */
  ownCountIn(window: number): number {
    return window === this.#window ? this.#ownCount : 0;
  }

  /** In this window, here and elsewhere. */
  get #count(): number {
    return this.#ownCount + this.#othersCount;
  }

  /** In ms until one more is allowed at this instant; 0: now. The window slides: what was asked in the last one counts as far as it is still within. */
  waitMs(nowMs: number, { maxCount, windowMs }: Rate): number {
    this.#move(Math.floor(nowMs / windowMs));
    const passedShare = (nowMs % windowMs) / windowMs;
    const usedCount = this.#count + this.#previousCount * (1 - passedShare);
    if (usedCount < maxCount) return 0;
    // Full by itself: it has to become the last one, and then to slide as far as one.
    if (this.#count >= maxCount) return windowMs * (1 - passedShare + 1 / this.#count);
    return windowMs * (1 - (maxCount - this.#count) / this.#previousCount - passedShare) + 1;
  }

  asked(): void {
    this.#ownCount++;
  }

  /** All that all processes have told of a window, this one so many of it. */
  heard(window: number, { totalCount, toldCount }: { totalCount: number; toldCount: number }): void {
    if (window === this.#window) this.#othersCount = Math.max(0, totalCount - toldCount);
  }

  #move(window: number): void {
    if (window === this.#window) return;
    this.#previousCount = window === this.#window + 1 ? this.#count : 0;
    this.#window = window;
    this.#ownCount = 0;
    this.#othersCount = 0;
  }
}
