import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Test } from 'tap';
import { type Clock, systemClock } from '../../../../services/clock.js';
import type { DuckdbSourceDefinition } from '../../../../services/definitions/source-definitions.js';
import { openDuckdbSource } from '../../../../services/sources/duckdb/duckdb-source.js';
import type { ObservedQuery, OpenedSource } from '../../../contracts/source-contract.js';
import { RecordingLog } from '../../../helpers/recording-log.js';

/** Writes a database file by running SQL on it. */
export async function writeDatabase(path: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

export function duckdbDefinition(changed: Partial<DuckdbSourceDefinition>): DuckdbSourceDefinition {
  return {
    type: 'duckdb',
    name: 'main',
    path: null,
    files: new Map(),
    concurrencyCount: 2,
    budgetPerMinuteCount: null,
    timezone: 'UTC',
    sharedTables: new Set(),
    place: { file: 'dashcache.yaml', line: 2, column: 3 },
    ...changed,
  };
}

/** Opens a source that is closed after the test. */
export function openForTest(
  t: Test,
  changed: Partial<DuckdbSourceDefinition>,
  options: { clock?: Clock; memoryLimitBytes?: number } = {},
): OpenedSource & { readonly log: RecordingLog } {
  const observed: ObservedQuery[] = [];
  const log = new RecordingLog();
  const source = openDuckdbSource(duckdbDefinition(changed), {
    clock: systemClock,
    ...options,
    log,
    observer: {
      sourceQuery: (name, durationMs, failed) => observed.push({ source: name, durationMs, failed }),
    },
  });
  t.after(() => source.close());
  return { source, observed, log };
}

/** Whether this process computes nothing: DuckDB's threads are its own. */
export async function isIdle(): Promise<boolean> {
  for (let look = 0; look < 5; look++) {
    const before = process.cpuUsage();
    await sleep(100);
    const { user, system } = process.cpuUsage(before);
    // A runaway query takes at least the whole of one core; the collector may take a part of one for a moment.
    if ((user + system) / 1000 < 40) return true;
  }
  return false;
}

/** Waits for what happens beside the test, in a file system or a database. */
export async function until(condition: () => boolean, turn: () => void = () => {}): Promise<void> {
  const endMs = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('It did not happen within 15 s');
    turn();
    await sleep(5);
  }
}
