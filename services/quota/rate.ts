/** So many requests of one caller in any time of that length. */
export interface Rate {
  readonly maxCount: number;
  readonly windowMs: number;
}
