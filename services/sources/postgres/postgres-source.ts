import { DashcacheError } from '../../../errors.js';
import type { Clock } from '../../clock.js';
import type { Binds, BindType, Statement } from '../../definitions/model.js';
import type { PostgresSourceDefinition } from '../../definitions/source-definitions.js';
import { noTenant } from '../../definitions/tenant.js';
import type { Log } from '../../log.js';
import { bindOf } from '../bind-of.js';
import { type NaiveTime, naiveTime } from '../naive-time.js';
import { abortError, QueryRuns } from '../query-runs.js';
import {
  type CheckedStatement,
  type QueryLimits,
  type Source,
  type SourceObserver,
  type SourceResult,
  type SourceState,
  StatementRejected,
} from '../source.js';
import { SourceHealth } from '../source-health.js';
import { BackendPool } from './backend-pool.js';
import { cellReader } from './cell-reader.js';
import { checkStatement } from './check-statement.js';
import { schemaSignature } from './dependencies/schema-signature.js';
import { postgresError } from './postgres-fault.js';
import { boundTexts, postgresText } from './postgres-text.js';
import { readOnlyTransaction, type TransactionOptions } from './read-only-transaction.js';
import { type RawRows, selectRows } from './select-rows.js';
import { TypeShapes } from './type-shapes.js';

/** For what comes without a deadline of its own. */
const DEFAULT_DEADLINE_MS = 30_000;
const CHECK_WITHIN_MS = 10_000;
/** So much before our deadline the server ends a query: its answer must still get here. */
const MARGIN_SHARE = 0.1;
const MAX_MARGIN_MS = 500;
/** Timers of two processes differ by so much. */
const LATE_SLACK_MS = 20;

export interface PostgresSourceOptions {
  readonly observer: SourceObserver;
  readonly log: Log;
  readonly clock: Clock;
}

/** Opens a PostgreSQL source. Nothing is asked before the first query or check: a server that is away says so in its state then. */
export function openPostgresSource(
  definition: PostgresSourceDefinition,
  options: PostgresSourceOptions,
): Source {
  return new PostgresSource(definition, options);
}

/** When a query ends: by the server, and if that does not answer, by us. */
interface Ending {
  readonly signal: AbortSignal;
  readonly deadlineAtMs: number;
  readonly serverEndsAtMs: number;
}

class PostgresSource implements Source {
  readonly kind = 'postgres';
  readonly name: string;
  readonly #clock: Clock;
  readonly #timezone: string;
  readonly #tenantSetting: string | null;
  readonly #time: NaiveTime;
  readonly #runs: QueryRuns;
  /** Checks are no queries: they are not told of, and are not held up by those that wait. */
  readonly #checks: QueryRuns;
  readonly #pool: BackendPool;
  readonly #shapes = new TypeShapes();
  readonly #health = new SourceHealth();
  #closed: Promise<void> | null = null;

  constructor(definition: PostgresSourceDefinition, options: PostgresSourceOptions) {
    const { name, address, poolCount, concurrencyCount, timezone, tenantSetting } = definition;
    const { clock } = options;
    this.name = name;
    this.#clock = clock;
    this.#timezone = timezone;
    this.#tenantSetting = tenantSetting;
    this.#time = naiveTime(timezone);
    this.#runs = new QueryRuns({ ...options, name, concurrencyCount });
    this.#checks = new QueryRuns({ ...options, name, concurrencyCount: poolCount });
    this.#pool = new BackendPool({ address, poolCount, clock, connected: () => this.#shapes.forget() });
  }

  async check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement> {
    const limits = this.#timed({ signal: AbortSignal.timeout(CHECK_WITHIN_MS) }, CHECK_WITHIN_MS);
    return this.#checks.run(limits, async (held) => {
      try {
        const about = { statement, types, shapes: this.#shapes, time: this.#time };
        const checked = await this.#pool.use(held, ({ client }) =>
          readOnlyTransaction(client, this.#transaction(held), () => checkStatement(client, about)),
        );
        this.#health.answered();
        return checked;
      } catch (error) {
        if (error instanceof StatementRejected) this.#health.answered();
        throw error instanceof StatementRejected ? error : this.#failed(error, held);
      }
    });
  }

  async schemaSignature(): Promise<string> {
    const limits = this.#timed({ signal: AbortSignal.timeout(CHECK_WITHIN_MS) }, CHECK_WITHIN_MS);
    return this.#checks.run(limits, (held) =>
      this.#pool.use(held, ({ client }) =>
        readOnlyTransaction(client, this.#transaction(held), () => schemaSignature(client)),
      ),
    );
  }

  query(statement: Statement, binds: Binds, limits: QueryLimits): Promise<SourceResult> {
    return this.#runs.run(this.#timed(limits, DEFAULT_DEADLINE_MS), (held) =>
      this.#run(statement, binds, held),
    );
  }

  /** Changes are told of by a feed, not by the source. */
  onTablesChanged(): void {}

  state(): SourceState {
    return this.#health.state;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#checks.close();
    await this.#pool.close(this.#runs.close());
    this.#health.closed();
  }

  async #run(statement: Statement, binds: Binds, limits: QueryLimits & Ending): Promise<SourceResult> {
    const text = postgresText(statement, (name) => bindOf(binds, name).type);
    const values = boundTexts(text.names, { binds, time: this.#time });
    let startMs: number | null = null;
    let failed = true;
    try {
      const result = await this.#pool.use(limits, (backend) => {
        startMs = this.#clock.monotonicMs();
        return readOnlyTransaction(backend.client, this.#transaction(limits), async () => {
          // What was stopped meanwhile must not begin: the request to end it came too early.
          limits.signal.throwIfAborted();
          const raw = await selectRows(backend.client, {
            sql: text.sql,
            values,
            limits,
            stop: () => backend.stop(),
            hangUp: () => backend.hangUp('answering'),
          });
          await this.#shapes.learn(
            backend.client,
            raw.fields.map(({ dataTypeID }) => dataTypeID),
          );
          return this.#resultOf(raw);
        });
      });
      failed = false;
      this.#health.answered();
      return result;
    } catch (error) {
      throw this.#failed(error, limits);
    } finally {
      if (startMs !== null) this.#runs.tell(this.#clock.monotonicMs() - startMs, failed);
    }
  }

  #resultOf({ fields, rows }: RawRows): SourceResult {
    const context = { shapeOf: this.#shapes.shapeOf, time: this.#time };
    const readers = fields.map(({ dataTypeID }) => cellReader(dataTypeID, context));
    return {
      columns: fields.map(({ name }, index) => ({ name, type: readers[index]?.type ?? 'text' })),
      rows: rows.map((row) =>
        row.map((text, index) => (text === null ? null : (readers[index]?.read(text) ?? null))),
      ),
    };
  }

  #failed(error: unknown, { signal, serverEndsAtMs }: Ending): DashcacheError {
    const fault = signal.aborted
      ? abortError(signal)
      : postgresError(error, { isLate: this.#clock.monotonicMs() >= serverEndsAtMs - LATE_SLACK_MS });
    // What was aborted for another reason than its slowness, or only waited for a connection, says nothing of the server.
    const isTelling = signal.aborted ? fault.code === 'source_deadline' : !isOurs(error);
    if (isTelling) this.#health.failed(fault);
    return fault;
  }

  #timed<Limits extends Pick<QueryLimits, 'signal' | 'deadlineAtMs'>>(
    limits: Limits,
    withinMs: number,
  ): Limits & Ending {
    const nowMs = this.#clock.monotonicMs();
    const deadlineAtMs = limits.deadlineAtMs ?? nowMs + withinMs;
    const marginMs = Math.min(MAX_MARGIN_MS, (deadlineAtMs - nowMs) * MARGIN_SHARE);
    return { ...limits, deadlineAtMs, serverEndsAtMs: deadlineAtMs - marginMs };
  }

  /** Of checks, and of queries that come without a turn, the tenant is nobody. */
  #transaction({ serverEndsAtMs, turn }: Ending & Pick<QueryLimits, 'turn'>): TransactionOptions {
    const setting = this.#tenantSetting;
    return {
      statementMs: serverEndsAtMs - this.#clock.monotonicMs(),
      timezone: this.#timezone,
      tenant: setting === null ? null : { setting, of: turn?.tenant ?? noTenant },
    };
  }
}

function isOurs(error: unknown): boolean {
  return error instanceof DashcacheError && error.code === 'source_overloaded';
}
