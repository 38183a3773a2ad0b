/** How long and how often each side is asked. */
export interface Effort {
  readonly roundsCount: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export const FULL: Effort = { roundsCount: 5, warmUpMs: 1000, measuredMs: 1500 };
export const SHORT: Effort = { roundsCount: 3, warmUpMs: 700, measuredMs: 1000 };
