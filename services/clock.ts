/** Time as a parameter: every service takes a clock, so tests turn the hands instead of sleeping. */
export interface Clock {
  /** Wall clock in ms since 1970: the instants of entries. Never used to order events between hosts. */
  nowMs(): number;
  /** Monotonic clock in ms: durations, deadlines, trust. */
  monotonicMs(): number;
  /** Runs `action` once after `delayMs`; the timer never keeps the process alive. Returns its cancellation. */
  after(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
