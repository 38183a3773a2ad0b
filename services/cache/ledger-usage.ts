/** What our prefix takes in Redis. */
export interface LedgerUsage {
  /** All that our prefix takes: values, ledger and what else is told of. */
  readonly totalBytes: number;
  readonly valuesBytes: number;
  readonly ownBytes: number;
  readonly otherBytes: number;
  readonly entriesCount: number;
  readonly maxBytes: number;
}
