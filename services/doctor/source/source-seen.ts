import type { Panel } from '../../definitions/model.js';
import type { SourceDefinition } from '../../definitions/source-definitions.js';
import type { Known } from '../facts.js';

/** What one source says when it is asked directly, as the service asks it. */
export interface SourceSeen {
  readonly definition: SourceDefinition;
  /** Why it does not answer; null: it does. */
  readonly problem: string | null;
  /** The columns of each table that panels read, as far as it tells. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** Null for sources of another kind. */
  readonly postgres: Known<PostgresSeen> | null;
  readonly endpoint: Known<EndpointSeen> | null;
  /** Null without a change feed. */
  readonly feed: Known<FeedSeen> | null;
}

/** A PostgreSQL, its database and what the role of the source may do there. */
export interface PostgresSeen {
  /** As in server_version_num: 140005. */
  readonly versionNumber: number;
  readonly role: string;
  readonly isSuperuser: boolean;
  readonly bypassesRowSecurity: boolean;
  /** Tables that the role may change, schemas and databases that it may create in. */
  readonly writable: readonly string[];
  /** In ms, of a session as it begins; 0: none. */
  readonly statementTimeoutMs: number;
  readonly timezone: string;
  readonly maxConnectionsCount: number;
  /** Of all users, the doctor's own not counted. */
  readonly usedConnectionsCount: number;
  readonly maxSlotsCount: number;
  readonly slots: readonly SlotSeen[];
  readonly clockAheadMs: number;
  readonly tables: readonly TableSeen[];
  readonly plans: readonly PanelPlan[];
}

export interface SlotSeen {
  readonly name: string;
  readonly isActive: boolean;
  readonly retainedBytes: number;
}

/** A table that panels read. */
export interface TableSeen {
  /** As CheckedStatement.tables has it. */
  readonly name: string;
  /** As it was last analysed; -1: never. */
  readonly rowsCount: number;
  readonly bytes: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly hasRowSecurity: boolean;
  /** The role of the source is its owner, and row security is not forced on owners. */
  readonly isFreeToOwner: boolean;
  /** Rows inserted, updated and deleted in the seconds that the server has counted. */
  readonly changesCount: number;
  readonly countedSeconds: number;
}

/** How the database would run a panel; for example values of its parameters. */
export interface PanelPlan {
  readonly panel: Panel;
  /** The whole tables that are read to find few rows. */
  readonly scans: Known<readonly TableScan[]>;
}

export interface TableScan {
  readonly table: string;
  readonly filter: string;
  readonly tableRowsCount: number;
  readonly wantedRowsCount: number;
  /** Those of the filter, compared by equality first. */
  readonly columns: readonly string[];
}

/** What one panel of an HTTP source was answered. */
export interface EndpointSeen {
  readonly panel: Panel;
  readonly status: number;
  readonly durationMs: number;
  /** ETag or Last-Modified. */
  readonly hasValidator: boolean;
  /** Null: the answer carries no validator to ask with. */
  readonly confirmsWith304: boolean | null;
  readonly isNoStore: boolean;
  readonly contentType: string;
}

export interface FeedSeen {
  /** What keeps it from hearing all, as sentences. */
  readonly faults: readonly string[];
  /** Tables that panels read and nobody watches. */
  readonly unheard: readonly string[];
}
