import { DashcacheError } from '../../../errors.js';
import type { Clock } from '../../clock.js';
import type { Binds, BindType, Statement } from '../../definitions/model.js';
import type { DuckdbSourceDefinition } from '../../definitions/source-definitions.js';
import type { Log } from '../../log.js';
import { bindOf } from '../bind-of.js';
import { type NaiveTime, naiveTime } from '../naive-time.js';
import { QueryRuns } from '../query-runs.js';
import {
  type CheckedStatement,
  type QueryLimits,
  type Source,
  type SourceObserver,
  type SourceResult,
  type SourceState,
  StatementRejected,
} from '../source.js';
import { catalogueSignature } from './catalogue.js';
import { checkStatement } from './check-statement.js';
import type { DuckdbDatabase } from './duckdb-database.js';
import { duckdbFault, isFatal, queryError } from './duckdb-fault.js';
import { FreshDatabase } from './fresh-database.js';
import { runStatement } from './run-statement.js';
import { duckdbText } from './statement-text.js';

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
  readonly #runs: QueryRuns;
  readonly #fresh: FreshDatabase;
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  constructor(definition: DuckdbSourceDefinition, options: DuckdbSourceOptions) {
    const { name, concurrencyCount } = definition;
    this.name = name;
    this.#options = options;
    this.#time = naiveTime(definition.timezone);
    this.#runs = new QueryRuns({ ...options, name, concurrencyCount });
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

  query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    return this.#runs.run(limits, (held) => this.#run(statement, binds, held));
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
    this.#closing.abort(this.#runs.close());
    await this.#fresh.close();
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
      this.#runs.tell(this.#options.clock.monotonicMs() - startMs, failed);
    }
  }

  #explained(error: unknown, database: DuckdbDatabase): DashcacheError {
    if (error instanceof DashcacheError) return error;
    const fault = duckdbFault(error);
    if (isFatal(fault)) this.#fresh.discard(database, fault.message);
    return queryError(fault, error);
  }
}
