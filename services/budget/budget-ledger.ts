/** Queries that wait to be sent. */
export interface Wanted {
  /** The tenant of each that may take the last of the budget, in the order of their turns: their readers have nothing. */
  readonly urgentTenants: readonly string[];
  /** They are spread over the minute, and leave a share for the urgent ones. */
  readonly pacedCount: number;
}

export interface Granted {
  /** Of each urgent one whether it was granted. */
  readonly urgent: readonly boolean[];
  readonly pacedCount: number;
  /** All is spent for so long; 0: something is left, for other tenants than those who were refused. */
  readonly spentForMs: number;
  /** After so long more paced ones may be granted. */
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

/** Of what is still free the tenants who ask may have had so many times as much in the same minute, where there are others. */
export const TENANTS_FACTOR = 4;
/** A tenant asks as long as it has done so within a minute, and is another to the rest for an hour. */
export const TENANT_ASKS_MS = MINUTE_MS;
export const TENANT_GONE_MS = 60 * MINUTE_MS;

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
