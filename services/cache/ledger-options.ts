import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { RedisClient } from './redis-client.js';

/** What a ledger works with. */
export interface LedgerOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxBytes: number;
  /** What our prefix holds beside values and ledger, e.g. the history. */
  readonly otherBytes?: () => number;
}
