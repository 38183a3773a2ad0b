import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from '../helpers/lifetime.js';
import type { Service } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { builtService } from '../integration/support/built-service.js';
import { writeDatabase } from '../integration/support/shop.js';

/** Texts that stand in one secret place each, and may come back from none. */
export const CANARIES = {
  sql: 'canary_sql_41c7',
  password: 'canary-password-9d02',
  adminToken: 'canary-admin-token-77e1-of-a-good-length',
  otherTenant: 'canary tenant 5b3f',
  otherTable: 'canary_table_c0de',
} as const;

/** Beyond what is ever asked for. */
const OTHER_TENANT = 7_340_033;

const DASHCACHE = `
sources:
  main: { type: duckdb, path: main.duckdb, concurrency: 2 }
  away: { type: postgres, url: "postgres://reader:${CANARIES.password}@127.0.0.1:1/reports" }
defaults: { ttl: 10m, grace: 10m }
`;
const OF_A_SITE = `FROM notes WHERE site_id = :site_id AND '${CANARIES.sql}' <> ''`;
const WORK = `
id: work
source: main
params:
  site_id: { type: integer, minimum: 1, tenant: true, options: SELECT DISTINCT site_id FROM notes WHERE site_id < 100 ORDER BY 1 }
  period: { type: period, default: 30d }
  text: { type: string, max_length: 40, default: a }
  ratio: { type: number, default: 1 }
  open: { type: boolean, default: true }
  day: { type: date, default: 2026-01-01 }
  at: { type: timestamp, default: "2026-01-01T00:00:00Z" }
metrics: { query: "SELECT count(*) AS notes, :text AS text, :ratio AS ratio, :open AS open ${OF_A_SITE}" }
charts:
  tasks: { type: table, labels: note, query: "SELECT note, :day AS day, :at AS at ${OF_A_SITE} AND :period_end > :period_start" }
  broken: { type: table, labels: note, query: "SELECT note, CAST(note AS INTEGER) AS number ${OF_A_SITE}" }
summary: { query: "SELECT min(note) AS note ${OF_A_SITE}" }
`;
const AWAY = `
id: away
source: away
params: { site_id: { type: integer, tenant: true } }
metrics: { query: "SELECT count(*) AS n FROM notes WHERE site_id = :site_id AND '${CANARIES.sql}' <> ''" }
`;
const DATABASE = [
  "CREATE TABLE notes AS SELECT 1 + range % 40 AS site_id, 'note ' || range AS note FROM range(400)",
  `INSERT INTO notes VALUES (${OTHER_TENANT}, '${CANARIES.otherTenant}')`,
  `CREATE TABLE ${CANARIES.otherTable} AS SELECT 1 AS n`,
];

/** The real service with a secret in every place that a request might reach. */
export async function fuzzedService(lifetime: Lifetime): Promise<Service> {
  const folder = join(tempFolder(lifetime), 'dashboards');
  mkdirSync(folder);
  await writeDatabase(join(folder, 'main.duckdb'), DATABASE);
  const files = { 'dashcache.yaml': DASHCACHE, 'work.yaml': WORK, 'away.yaml': AWAY };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const service = await builtService({
    environment: { DASHCACHE_CONFIG: folder, ADMIN_TOKEN: CANARIES.adminToken },
  });
  lifetime.teardown(() => service.stop());
  return service;
}
