/** How long and how often each side is asked. */
export interface Effort {
  readonly roundsCount: number;
  readonly warmUpMs: number;
  readonly slicesCount: number;
  readonly sliceMs: number;
}

/** A process that serves for weeks is compiled: how long that takes depends on how much code a side has, and is another question. */
const WARM_UP_MS = 3000;

export const FULL: Effort = { roundsCount: 5, warmUpMs: WARM_UP_MS, slicesCount: 12, sliceMs: 150 };
export const SHORT: Effort = { roundsCount: 3, warmUpMs: WARM_UP_MS, slicesCount: 12, sliceMs: 100 };
