import type { Binds, BindType, Statement } from '../definitions/model.js';
import type { SourceDefinition } from '../definitions/source-definitions.js';
import type { QueryShape } from './query-shape.js';
import type { QueryTurn, SourceBudget } from './query-turn.js';

/**
 * A database or endpoint that panels read. Implementations fail with DashcacheError source_deadline, source_wrong_answer,
 * source_overloaded or source_down, never with an error of their driver; every one passes test/contracts/source-contract.ts.
 */
export interface Source {
  readonly name: string;
  readonly kind: SourceDefinition['type'];
  /** Where loads that can wait reserve a place; absent without a budget. */
  readonly budget?: SourceBudget | undefined;
  /** Has a statement checked without running it, by the database where there is one. Rejects with StatementRejected, or source_down when it is absent. */
  check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement>;
  /**
   * Runs one statement. Ends at the latest when `signal` aborts, and then nothing of it goes on in the database.
   * Rows beyond `maxRowsCount` or `maxBytes` are source_wrong_answer, never a shortened result.
   */
  query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult>;
  /**
   * Something that changes when queries may read other tables than before: views, functions, macros, partitions. Cheap; rejects
   * when the source does not answer. Sources without a schema have none.
   */
  schemaSignature?(): Promise<string | null>;
  /** Calls the listener with the names of tables whose data has been replaced under the source. */
  onTablesChanged(listener: (tables: readonly string[]) => void): void;
  /** Health for /health/ready, without asking the database. */
  state(): SourceState;
  close(): Promise<void>;
}

export interface QueryLimits {
  readonly signal: AbortSignal;
  readonly maxRowsCount: number;
  readonly maxBytes: number;
  /** Monotonic ms at which `signal` aborts at the latest, where that is known: a database ends the query a little before. */
  readonly deadlineAtMs?: number;
  /** Whose turn it is where the source has a budget; without it, of a reader who has nothing. */
  readonly turn?: QueryTurn;
}

export interface CheckedStatement {
  /** Null where only an answer can tell. */
  readonly columns: readonly Column[] | null;
  /** Tables it reads, as `table` or `schema.table`. */
  readonly tables: readonly string[];
  /** exact: these tables and no others; over: perhaps fewer; unknown: perhaps others. */
  readonly verdict: 'exact' | 'over' | 'unknown';
  /** What can be proved of it; absent where a source has no queries. */
  readonly shape?: QueryShape;
}

export interface SourceState {
  readonly ok: boolean;
  /** For operators; never shown to readers of data. */
  readonly detail: string | null;
}

export type ColumnType = 'integer' | 'decimal' | 'float' | 'boolean' | 'text' | 'date' | 'timestamp' | 'json';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * integer: number, or bigint beyond 2^53. decimal: its exact plain text. float: number, may be NaN or infinite. date: YYYY-MM-DD.
 * timestamp: RFC 3339 in UTC, fraction only when not zero and without trailing zeros. json: JSON text. All else: text.
 */
export type Cell = null | boolean | number | bigint | string;

export interface SourceResult {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** False where the source forbids to keep it: it is for those who wait for it. */
  readonly keep?: false;
}

/** The database does not accept a statement. `offset` is the place in Statement.text, in UTF-16 units, null when not told. */
export class StatementRejected extends Error {
  readonly offset: number | null;

  constructor(message: string, offset: number | null) {
    super(message);
    this.name = 'StatementRejected';
    this.offset = offset;
  }
}

/** Told of every query that really reached a source. */
export interface SourceObserver {
  sourceQuery(source: string, durationMs: number, failed: boolean): void;
}
