import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  DuckDBResult,
  StatementType,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { DashcacheError } from '../../../errors.js';
import type { Binds } from '../../definitions/model.js';
import type { NaiveTime } from '../naive-time.js';
import type { QueryLimits, SourceResult } from '../source.js';
import { bindValues } from './bind-values.js';
import { collectRows } from './collect-rows.js';
import type { DuckdbText } from './statement-text.js';

const INTERRUPT_EVERY_MS = 5;
const LONGEST_PAUSE_MS = 8;

export interface StatementRun {
  readonly text: DuckdbText;
  readonly binds: Binds;
  readonly limits: QueryLimits;
  readonly time: NaiveTime;
}

/**
 * Runs one SELECT on a connection that nobody else uses, and settles only when nothing of it goes on. Rejects with the
 * signal's reason after an abort, else with DashcacheError or whatever DuckDB throws.
 */
export async function runStatement(connection: DuckDBConnection, run: StatementRun): Promise<SourceResult> {
  const stopInterrupting = interruptOnAbort(connection, run.limits.signal);
  let finished = false;
  try {
    const prepared = await connection.prepare(run.text.sql);
    try {
      const result = await execute(prepared, run);
      const rows = await collectRows(result, run.limits, run.time);
      finished = true;
      return rows;
    } finally {
      prepared.destroySync();
    }
  } catch (error) {
    run.limits.signal.throwIfAborted();
    throw error;
  } finally {
    stopInterrupting();
    // A connection's next statement waits until the tasks of an unfinished one have ended: after this nothing is left of it.
    if (!finished) await connection.run('SELECT 1').catch(() => {});
  }
}

async function execute(prepared: DuckDBPreparedStatement, run: StatementRun): Promise<DuckDBResult> {
  if (prepared.statementType !== StatementType.SELECT) {
    throw new DashcacheError('source_wrong_answer', { detail: 'The query of this panel is not a SELECT.' });
  }
  bindValues(prepared, run.text.names, run);
  run.limits.signal.throwIfAborted();
  return ready(prepared);
}

/**
 * Waits for the result by looking at its state while DuckDB's own threads work. The promises of the driver would hold one
 * of libuv's four threads for as long as the query runs: measured, four slow queries kept a file's stat waiting 9 s, and
 * compression, files and name look-ups with it.
 */
async function ready(prepared: DuckDBPreparedStatement): Promise<DuckDBResult> {
  const pending = prepared.startStream()['pending_result'];
  const { NO_TASKS_AVAILABLE, RESULT_NOT_READY } = duckdb.PendingState;
  let pauseMs = 0.5;
  for (;;) {
    const state = duckdb.pending_execute_check_state(pending);
    if (state !== RESULT_NOT_READY && state !== NO_TASKS_AVAILABLE) break;
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 1.3, LONGEST_PAUSE_MS);
  }
  // The state of a finished query reads as an error without a message; only a message is one.
  const error = duckdb.pending_error(pending);
  if (error) throw new Error(error);
  return new DuckDBResult(await duckdb.execute_pending(pending));
}

/** An interrupt that comes before DuckDB has begun the statement is forgotten, so it is repeated until the end. */
function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal): () => void {
  let repeating: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    repeating = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  return () => {
    signal.removeEventListener('abort', interrupt);
    clearInterval(repeating);
  };
}
