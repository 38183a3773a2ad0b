import type { Test } from 'tap';
import { type Clock, systemClock } from '../../../../services/clock.js';
import { readPostgresAddress } from '../../../../services/definitions/postgres-address.js';
import type { PostgresSourceDefinition } from '../../../../services/definitions/source-definitions.js';
import { openPostgresSource } from '../../../../services/sources/postgres/postgres-source.js';
import type { ObservedQuery, OpenedSource } from '../../../contracts/source-contract.js';
import { olderPostgres } from '../../../helpers/older-postgres.js';
import type { PostgresServer } from '../../../helpers/postgres-server.js';
import { RecordingLog } from '../../../helpers/recording-log.js';

/** The servers to test with: the newest, from npm, and the oldest that is at hand. */
export function serverBins(): { readonly title: string; readonly bin?: string }[] {
  const older = olderPostgres();
  return [{ title: 'PostgreSQL 18' }, ...(older ? [older] : [])];
}

export function postgresDefinition(
  url: string,
  changed: Partial<PostgresSourceDefinition> = {},
): PostgresSourceDefinition {
  return {
    type: 'postgres',
    name: 'main',
    address: readPostgresAddress(url, process.cwd()),
    poolCount: 5,
    concurrencyCount: changed.poolCount ?? 5,
    timezone: 'UTC',
    sharedTables: new Set(),
    budgetPerMinuteCount: null,
    changes: null,
    tenantSetting: null,
    place: { file: 'dashcache.yaml', line: 2, column: 3 },
    ...changed,
  };
}

/** Opens a source that is closed after the test. */
export function openForTest(
  t: Test,
  url: string,
  { clock = systemClock, ...changed }: Partial<PostgresSourceDefinition> & { clock?: Clock } = {},
): OpenedSource & { readonly log: RecordingLog } {
  const observed: ObservedQuery[] = [];
  const log = new RecordingLog();
  const source = openPostgresSource(postgresDefinition(url, changed), {
    clock,
    log,
    observer: {
      sourceQuery: (name, durationMs, failed) => observed.push({ source: name, durationMs, failed }),
    },
  });
  t.after(() => source.close());
  return { source, observed, log };
}

/** The server's processes of clients that call themselves `dashcache`, and what each of them does. */
export async function backendsOf(server: PostgresServer): Promise<readonly string[]> {
  const { rows } = await server.query(
    "SELECT state FROM pg_stat_activity WHERE application_name = 'dashcache' AND backend_type = 'client backend'",
  );
  return rows.map(({ state }) => String(state));
}
