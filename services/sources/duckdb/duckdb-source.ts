import { DashcacheError } from '../../../errors.js';
import type { Clock } from '../../clock.js';
import type { Binds, BindType, DuckdbSourceDefinition, Statement } from '../../definitions/model.js';
import type { Log } from '../../log.js';
import { type NaiveTime, naiveTime } from '../naive-time.js';
import { QueryQueue } from '../query-queue.js';
import {
  type CheckedStatement,
  type QueryLimits,
  type Source,
  type SourceObserver,
  type SourceResult,
  type SourceState,
  StatementRejected,
} from '../source.js';
import { bindOf } from './bind-values.js';
import { catalogueSignature } from './catalogue.js';
import { checkStatement } from './check-statement.js';
import type { DuckdbDatabase } from './duckdb-database.js';
import { duckdbFault, isFatal, queryError } from './duckdb-fault.js';
import { FreshDatabase } from './fresh-database.js';
import { runStatement } from './run-statement.js';
import { duckdbText } from './statement-text.js';

/** Waiters for each query that may run, and how long the longest of them waits. */
const WAITING_PER_QUERY_COUNT = 25;
const MAX_WAIT_MS = 10_000;
/** How long a reader is kept waiting for DuckDB to confirm that an aborted query has ended. */
const STOP_GRACE_MS = 1000;

export interface DuckdbSourceOptions {
  readonly observer: SourceObserver;
  readonly log: Log;
  readonly clock: Clock;
  /** Most memory the database may use; by default the lesser of 1 GiB and half of the machine's. */
  readonly memoryLimitBytes?: number;
}

/** Opens a DuckDB source. Returns at once: the files are opened behind it, and awaited by the first queries. */
export function openDuckdbSource(definition: DuckdbSourceDefinition, options: DuckdbSourceOptions): Source {
  return new DuckdbSource(definition, options);
}

class DuckdbSource implements Source {
  readonly kind = 'duckdb';
  readonly name: string;
  readonly #options: DuckdbSourceOptions;
  readonly #time: NaiveTime;
  readonly #queue: QueryQueue;
  readonly #fresh: FreshDatabase;
  readonly #closing = new AbortController();
  /** One for each query under way or waiting: closing aborts them all. */
  readonly #endings = new Set<AbortController>();
  #closed: Promise<void> | null = null;

  constructor(definition: DuckdbSourceDefinition, options: DuckdbSourceOptions) {
    this.name = definition.name;
    this.#options = options;
    this.#time = naiveTime(definition.timezone);
    this.#queue = new QueryQueue({
      concurrencyCount: definition.concurrencyCount,
      maxWaitingCount: definition.concurrencyCount * WAITING_PER_QUERY_COUNT,
      maxWaitMs: MAX_WAIT_MS,
      clock: options.clock,
    });
    this.#fresh = new FreshDatabase(definition, options);
  }

  async check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement> {
    const database = await this.#fresh.opened(this.#closing.signal);
    try {
      const check = { statement, types, catalogue: database.catalogue, time: this.#time };
      return await database.check((connection) => checkStatement(connection, check));
    } catch (error) {
      throw error instanceof StatementRejected ? error : this.#explained(error, database);
    }
  }

  async query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    // Not AbortSignal.any: on Node 20 it keeps every signal that was ever joined to one that lives on.
    const ending = new AbortController();
    const end = () => ending.abort(limits.signal.reason);
    if (limits.signal.aborted) end();
    limits.signal.addEventListener('abort', end, { once: true });
    this.#endings.add(ending);
    const { signal } = ending;
    try {
      const release = await this.#queue.enter(signal);
      return await this.#hold(release, signal, () => this.#run(statement, binds, { ...limits, signal }));
    } catch (error) {
      throw signal.aborted ? abortError(signal) : error;
    } finally {
      limits.signal.removeEventListener('abort', end);
      this.#endings.delete(ending);
    }
  }

  /** It changes only with the files: a database is read-only while it is open. */
  async schemaSignature(): Promise<string> {
    const { catalogue } = await this.#fresh.opened(this.#closing.signal);
    return catalogueSignature(catalogue);
  }

  onTablesChanged(listener: (tables: readonly string[]) => void): void {
    this.#fresh.onTablesChanged(listener);
  }

  state(): SourceState {
    return this.#fresh.state();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const error = new DashcacheError('source_down', { detail: 'The data source is being closed.' });
    this.#closing.abort(error);
    this.#queue.close(error);
    for (const ending of this.#endings) ending.abort(error);
    await this.#fresh.close();
  }

  /** Keeps the place until the query has really ended, and the reader at most a grace beyond the abort. */
  #hold<T>(release: () => void, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let giveUp: NodeJS.Timeout | undefined;
      const onAbort = () => {
        giveUp = setTimeout(() => reject(signal.reason), STOP_GRACE_MS);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      action()
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(giveUp);
          signal.removeEventListener('abort', onAbort);
          release();
        });
    });
  }

  async #run(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    const text = duckdbText(statement, (name) => bindOf(binds, name).type);
    const database = await this.#fresh.opened(limits.signal);
    const connection = database.take();
    if (!connection) throw new DashcacheError('internal', { cause: new Error('No connection was free') });
    const startMs = this.#options.clock.monotonicMs();
    let failed = true;
    try {
      const result = await runStatement(connection, { text, binds, limits, time: this.#time });
      failed = false;
      return result;
    } catch (error) {
      throw limits.signal.aborted ? error : this.#explained(error, database);
    } finally {
      database.give(connection);
      this.#tell(this.#options.clock.monotonicMs() - startMs, failed);
    }
  }

  /** Statistics can never break a read. */
  #tell(durationMs: number, failed: boolean): void {
    try {
      this.#options.observer.sourceQuery(this.name, durationMs, failed);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'The observer of sources failed');
    }
  }

  #explained(error: unknown, database: DuckdbDatabase): DashcacheError {
    if (error instanceof DashcacheError) return error;
    const fault = duckdbFault(error);
    if (isFatal(fault)) this.#fresh.discard(database, fault.message);
    return queryError(fault, error);
  }
}

/** Why a query was aborted: what the signal says when it is one of ours, else its deadline. */
function abortError(signal: AbortSignal): DashcacheError {
  return signal.reason instanceof DashcacheError
    ? signal.reason
    : new DashcacheError('source_deadline', { cause: signal.reason });
}
