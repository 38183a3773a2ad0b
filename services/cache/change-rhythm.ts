import type { Clock } from '../clock.js';

/** Changes are gathered for so long before what they made stale is looked for. */
const WINDOW_MS = 100;
/** Looking takes this share of the time at most, however much is live. */
const LOOKING_SHARE = 1 / 10;
/** Without changes for so long, and for twice as long as is usual between them: they have ended. */
const QUIET_MIN_MS = 300;
const QUIET_MAX_MS = 10_000;
const QUIET_GAPS_COUNT = 2;
/** Weight of the latest gap in the average. */
const GAP_WEIGHT = 1 / 4;

/** Turns a stream of changes into windows, and tells when it has ended. */
export class ChangeRhythm {
  readonly #clock: Clock;
  readonly #gather: () => void;
  readonly #settle: () => void;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #averageGapMs = 0;
  #isGathering = false;
  #nextFromMs = 0;
  #cancelGathering = (): void => {};
  #cancelSettling = (): void => {};

  constructor(options: { clock: Clock; gather: () => void; settle: () => void }) {
    this.#clock = options.clock;
    this.#gather = options.gather;
    this.#settle = options.settle;
  }

  changed(): void {
    const nowMs = this.#clock.monotonicMs();
    const gapMs = nowMs - this.#lastAtMs;
    // After a pause a new stream begins, of which nothing is known yet.
    if (gapMs > QUIET_MAX_MS) this.#averageGapMs = 0;
    else this.#averageGapMs += (gapMs - this.#averageGapMs) * GAP_WEIGHT;
    this.#lastAtMs = nowMs;
    this.#cancelSettling();
    const quietMs = Math.min(QUIET_MAX_MS, Math.max(QUIET_MIN_MS, QUIET_GAPS_COUNT * this.#averageGapMs));
    this.#cancelSettling = this.#clock.after(quietMs, this.#settle);
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#cancelGathering = this.#clock.after(Math.max(WINDOW_MS, this.#nextFromMs - nowMs), () => {
      this.#isGathering = false;
      const begunMs = this.#clock.monotonicMs();
      this.#gather();
      const endedMs = this.#clock.monotonicMs();
      this.#nextFromMs = endedMs + (endedMs - begunMs) / LOOKING_SHARE;
    });
  }

  end(): void {
    this.#cancelGathering();
    this.#cancelSettling();
  }
}
