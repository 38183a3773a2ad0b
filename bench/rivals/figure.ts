/** One cell of the table. */
export interface Figure {
  readonly row: string;
  readonly text: string;
  /** null: the library does not have what is measured. */
  readonly value: number | null;
}

/** How much is measured. */
export interface Counts {
  readonly processesCount: number;
  readonly readersCount: number;
  readonly roundsCount: number;
  readonly loadMs: number;
  readonly trialsCount: number;
  /** Long enough for a library to tell the other processes of an invalidation. */
  readonly settleMs: number;
  /** Of the values that a process cut off from messages holds. */
  readonly lostTtlMs: number;
  readonly keysCount: number;
  readonly hitSliceMs: number;
  readonly redisReadsCount: number;
}

export const FULL_COUNTS: Counts = {
  processesCount: 4,
  readersCount: 50,
  roundsCount: 20,
  loadMs: 500,
  trialsCount: 1500,
  settleMs: 1500,
  lostTtlMs: 8000,
  keysCount: 20,
  hitSliceMs: 100,
  redisReadsCount: 400,
};

/** The same questions, asked less often. */
export const QUICK_COUNTS: Counts = {
  ...FULL_COUNTS,
  roundsCount: 2,
  trialsCount: 200,
  settleMs: 1000,
  lostTtlMs: 4000,
  keysCount: 10,
  hitSliceMs: 40,
  redisReadsCount: 160,
};
