/** How long something may take until it is so everywhere: the documented bounds, in ms. */
export const BOUND = {
  /** A process keeps its trust so long after the last look that Redis answered (invariant 4). */
  trustMs: 1000,
  /** Unproven values are served no longer than this after Redis answers again (invariant 4). */
  unprovenMs: 2000,
  /** A source of files sees a replaced one so late at the latest: a look every 2 s, and the time to open it. */
  sourceLagMs: 5000,
} as const;
