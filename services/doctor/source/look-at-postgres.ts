import type { Client } from 'pg';
import { quotedTable } from '../../changes/watched-shape.js';
import type { PostgresSourceDefinition } from '../../definitions/source-definitions.js';
import { noTenant } from '../../definitions/tenant.js';
import { bindsOf } from '../../panel-read.js';
import { bindOf } from '../../sources/bind-of.js';
import { naiveTime } from '../../sources/naive-time.js';
import { Backend } from '../../sources/postgres/backend.js';
import { clientConfig } from '../../sources/postgres/client-config.js';
import { boundTexts, postgresText } from '../../sources/postgres/postgres-text.js';
import { readOnlyTransaction } from '../../sources/postgres/read-only-transaction.js';
import type { ToldTenant } from '../../sources/postgres/told-tenant.js';
import { type Known, known, lookedAt, unknown } from '../facts.js';
import type { ExampleRead } from './example-reads.js';
import { POSTGRES_SQL } from './postgres-sql.js';
import type { PanelPlan, PostgresSeen, SlotSeen, TableScan, TableSeen } from './source-seen.js';
import { tableScans } from './table-scans.js';

/** Each question by itself; a plan of a query that is never run is quick. */
const ANSWER_WITHIN_MS = 5000;

export interface PostgresLook {
  /** As CheckedStatement.tables names them. */
  readonly tables: readonly string[];
  /** Of panels of this source. */
  readonly examples: readonly ExampleRead[];
}

/** Asks a PostgreSQL as the role of the source, in transactions that read only. Rejects when it cannot be asked. */
export async function lookAtPostgres(
  definition: PostgresSourceDefinition,
  { tables, examples }: PostgresLook,
): Promise<PostgresSeen> {
  const backend = new Backend(await clientConfig(definition.address));
  try {
    await backend.connect();
    const { client } = backend;
    return await backend.use(AbortSignal.timeout(10 * ANSWER_WITHIN_MS), async () => {
      // Before any SET LOCAL: as a session begins.
      const [session = {}] = (await client.query<Row>(POSTGRES_SQL.session)).rows;
      return readOnlyTransaction(
        client,
        { statementMs: ANSWER_WITHIN_MS, timezone: definition.timezone, tenant: nobody(definition) },
        () => seenBy(client, { session, definition, tables, examples }),
      );
    });
  } finally {
    await backend.close();
  }
}

/** Plans are made as for nobody: a policy that reads its setting must find it. */
function nobody({ tenantSetting }: PostgresSourceDefinition): ToldTenant | null {
  return tenantSetting === null ? null : { setting: tenantSetting, of: noTenant };
}

type Row = Readonly<Record<string, unknown>>;

interface Look extends PostgresLook {
  readonly session: Row;
  readonly definition: PostgresSourceDefinition;
}

async function seenBy(
  client: Client,
  { session, definition, tables, examples }: Look,
): Promise<PostgresSeen> {
  const rowsOf = async (sql: string, values: readonly unknown[] = []) =>
    (await client.query<Row>(sql, [...values])).rows;
  const writable = (await rowsOf(POSTGRES_SQL.writable)).map(({ name }) => String(name));
  const slots = (await rowsOf(POSTGRES_SQL.slots)).map(slotOf);
  const seen = (await rowsOf(POSTGRES_SQL.tables, [tables, tables.map(quotedTable)])).map(tableOf);
  const large = await rowsOf(POSTGRES_SQL.largeTables);
  const rowsCounts = new Map(large.map(({ name, rows }) => [String(name), Number(rows)]));
  const plans: PanelPlan[] = [];
  for (const example of examples)
    plans.push({
      panel: example.panel,
      scans: await scansOf(client, { example, definition, rowsCounts }),
    });
  return {
    versionNumber: Number(session['version']),
    role: String(session['role']),
    isSuperuser: session['is_superuser'] === true,
    bypassesRowSecurity: session['bypasses_rls'] === true,
    writable,
    statementTimeoutMs: Number(session['statement_ms']),
    timezone: String(session['timezone']),
    maxConnectionsCount: Number(session['max_connections']),
    usedConnectionsCount: Number(session['used_connections']),
    maxSlotsCount: Number(session['max_slots']),
    slots,
    clockAheadMs: Number(session['now_ms']) - Date.now(),
    tables: seen,
    plans,
  };
}

interface Planned {
  readonly example: ExampleRead;
  readonly definition: PostgresSourceDefinition;
  readonly rowsCounts: ReadonlyMap<string, number>;
}

/** A plan that the database refuses spoils the transaction, so each has a savepoint. */
async function scansOf(
  client: Client,
  { example, definition, rowsCounts }: Planned,
): Promise<Known<readonly TableScan[]>> {
  const { read } = example;
  if (!read.known) return unknown(read.reason);
  const binds = bindsOf(read.value.read);
  const time = naiveTime(definition.timezone);
  const scans: TableScan[] = [];
  for (const { statement } of example.panel.queries) {
    const text = postgresText(statement, (name) => bindOf(binds, name).type);
    const values = boundTexts(text.names, { binds, time });
    await client.query('SAVEPOINT plan');
    const explained = await lookedAt(() =>
      client.query<Row>(`EXPLAIN (FORMAT JSON, VERBOSE) ${text.sql}`, values),
    );
    await client.query(explained.known ? 'RELEASE SAVEPOINT plan' : 'ROLLBACK TO SAVEPOINT plan');
    if (!explained.known) return unknown(`${example.panel.id}: ${explained.reason}`);
    const [plan] = explained.value.rows;
    scans.push(...tableScans(plan?.['QUERY PLAN'], (table) => rowsCounts.get(table) ?? 0));
  }
  return known(scans);
}

function slotOf(row: Row): SlotSeen {
  return {
    name: String(row['name']),
    isActive: row['is_active'] === true,
    retainedBytes: Number(row['retained_bytes']),
  };
}

function tableOf(row: Row): TableSeen {
  return {
    name: String(row['name']),
    rowsCount: Number(row['rows']),
    bytes: Number(row['bytes']),
    columns: row['columns'] as TableSeen['columns'],
    hasRowSecurity: row['has_row_security'] === true,
    isFreeToOwner: row['is_free_to_owner'] === true,
    changesCount: Number(row['changes']),
    countedSeconds: Number(row['counted_seconds']),
  };
}
