import type { ClientConfig } from 'pg';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { ChangeListener, ChangesDefinition } from './change-feed.js';

/** What a feed of a PostgreSQL database needs to know. */
export interface FeedOptions {
  /** The name of the source. */
  readonly source: string;
  /**
   * How the driver reaches the database itself; a pooler in transaction mode will not do, as a feed keeps its session. Asked
   * before each connection: passwords and certificates change.
   */
  readonly database: () => Promise<ClientConfig>;
  readonly changes: ChangesDefinition;
  /** Names the processes that share their invalidations: one of them hears for all. Null: nobody shares, each hears for itself. */
  readonly group: string | null;
  /** How often it looks and makes itself heard; default one second. */
  readonly heartbeatMs?: number;
  readonly listener: ChangeListener;
  readonly clock: Clock;
  readonly log: Log;
}
