import type { Clock } from '../clock.js';

/** Late by more than this on the average, the loop has more to do than it can; twice in a row, since a pause of the collector passes. */
const HIGH_MS = 100;
/** Below, it has caught up. */
const LOW_MS = 30;
const SAMPLE_MS = 250;

export interface LoopPressureOptions {
  readonly clock: Clock;
  /** By how many ms the event loop was late on the average since the last question. */
  readonly delayMs: () => number;
  /** It begins or ends. */
  readonly moved: (isHigh: boolean, delayMs: number) => void;
}

/** Whether this process has more to do than it can: its event loop is late. */
export class LoopPressure {
  readonly #options: LoopPressureOptions;
  #isHigh = false;
  #wasLate = false;
  #cancel = (): void => {};

  constructor(options: LoopPressureOptions) {
    this.#options = options;
  }

  start(): void {
    this.#sampleLater();
  }

  get isHigh(): boolean {
    return this.#isHigh;
  }

  close(): void {
    this.#cancel();
  }

  #sampleLater(): void {
    this.#cancel = this.#options.clock.after(SAMPLE_MS, () => {
      this.#sample();
      this.#sampleLater();
    });
  }

  #sample(): void {
    const delayMs = this.#options.delayMs();
    const isLate = delayMs > HIGH_MS;
    const isHigh = this.#isHigh ? delayMs >= LOW_MS : isLate && this.#wasLate;
    this.#wasLate = isLate;
    if (isHigh === this.#isHigh) return;
    this.#isHigh = isHigh;
    this.#options.moved(isHigh, delayMs);
  }
}
