/** Committed changes of the rows of one table. */
export interface TableChange {
  /** As CheckedStatement.tables names it: `table` or `schema.table`. */
  readonly table: string;
  /** Canonical texts of the tenants whose rows changed; null: of any, or nobody can tell. */
  readonly tenants: readonly string[] | null;
}

/** What a feed tells; each resolves when it is in force, and rejects when it could not be: only then may the feed go past it. */
export interface ChangeListener {
  /** Committed together or gathered in one window, in the order of their commits. */
  changed(changes: readonly TableChange[]): Promise<void>;
  /** Changes may have been missed: whatever was read from the source may be old. */
  gap(cause: string): Promise<void>;
}

export interface FeedState {
  readonly ok: boolean;
  /** For operators; null when there is nothing to say. */
  readonly detail: string | null;
  /**
   * Monotonic ms: every change committed before this instant has been told. -Infinity before the first heartbeat. It moves on by
   * heartbeats through the very channel that changes take.
   */
  readonly completeToMs: number;
}

/** Where changes of a source's tables become known. One process of all hears (elected), or each hears for itself; see its kind. */
export interface ChangeFeed {
  readonly kind: 'logical' | 'notify' | 'poll';
  /** Never waits for the database, and heals by itself. */
  start(): void;
  state(): FeedState;
  close(): Promise<void>;
}

/** The `changes` of a source definition. */
export interface ChangesDefinition {
  readonly feed: ChangeFeed['kind'];
  /** By the table's name. */
  readonly tables: ReadonlyMap<string, WatchedTable>;
}

export interface WatchedTable {
  /** The column that says whose row it is; null: rows are nobody's, a change touches all tenants. */
  readonly tenantColumn: string | null;
  /** That column never changes: an update without the old row still touches only the tenant of the new one. */
  readonly immutable: boolean;
}
