/** Queries that wait to be sent. */
export interface Wanted {
  /** They may take the last of the budget: their readers have nothing. */
  readonly urgentCount: number;
  /** They are spread over the minute, and leave a share for the urgent ones. */
  readonly pacedCount: number;
}

export interface Granted extends Wanted {
  /** After so long more may be granted to who did not get all he wanted. */
  readonly urgentInMs: number;
  readonly pacedInMs: number;
}

/** Keeps the account of one source's budget: what it grants in any minute is never more than that. */
export interface BudgetLedger {
  /** A grant is used within a second, or it is lost. Never rejects. */
  take(wanted: Wanted): Promise<Granted>;
  close(): void;
}

const MINUTE_MS = 60_000;
export const SLOT_MS = 1000;
/** Beyond the minute: seconds that are only partly in it, and that a grant may be on its way or in hand. */
export const SLOTS_COUNT = 63;
/** What the paced ones may take in any minute, and in that at once. */
const PACED_SHARE = 0.8;
const PACED_AT_ONCE_SHARE = 0.1;
/** What they leave of any minute for the urgent ones. */
const RESERVED_SHARE = 0.1;

export interface Shares {
  readonly pacedPerMs: number;
  readonly pacedAtOnceCount: number;
  readonly reservedCount: number;
}

export function sharesOf(perMinuteCount: number): Shares {
  return {
    pacedPerMs: (perMinuteCount * PACED_SHARE) / MINUTE_MS,
    pacedAtOnceCount: Math.max(1, perMinuteCount * PACED_AT_ONCE_SHARE),
    // A budget of one has nothing to share.
    reservedCount: perMinuteCount > 1 ? Math.ceil(perMinuteCount * RESERVED_SHARE) : 0,
  };
}
