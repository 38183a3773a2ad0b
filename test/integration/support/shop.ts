import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Test } from 'tap';
import { tempFolder } from '../../helpers/temp-folder.js';

/** Every panel is fresh for ten minutes, stale for ten more, and then kept for a source that fails. */
export const TTL_MS = 600_000;
export const GRACE_MS = 600_000;

export const DASHCACHE = `
sources:
  main: { type: duckdb, path: shop.duckdb, concurrency: 2 }
  files: { type: duckdb, files: { prices: prices.csv } }
defaults: { ttl: 10m, grace: 10m, stale_if_error: 24h }
`;

/** A tenant's dashboard with a panel of every kind; its line is long enough to be sent coded. */
export const SHOP = `
id: shop
title: Shop
source: main
params:
  site_id: { type: integer, minimum: 1, tenant: true, options: SELECT id, name FROM sites ORDER BY id }
  period: { type: period, default: 2026-01-01/2026-07-01 }
metrics:
  query: |
    SELECT count(*) AS sales, sum(amount) AS revenue FROM sales
    WHERE site_id = :site_id AND day >= CAST(:period_start AS DATE) AND day < CAST(:period_end AS DATE)
charts:
  by_day:
    type: line
    labels: day
    query: |
      SELECT day, sum(amount) AS revenue, count(*) AS sales FROM sales
      WHERE site_id = :site_id AND day >= CAST(:period_start AS DATE) AND day < CAST(:period_end AS DATE)
      GROUP BY day ORDER BY day
  by_kind:
    type: pie
    labels: kind
    query: SELECT kind, count(*) AS sales FROM sales WHERE site_id = :site_id GROUP BY kind ORDER BY kind
summary:
  query: SELECT name, city FROM sites WHERE id = :site_id
`;

export const SHOP_PANELS = ['metrics', 'charts/by_day', 'charts/by_kind', 'summary'] as const;

/** Nobody's dashboard in particular, from a file that can be replaced. */
export const PRICES = `
id: prices
source: files
metrics:
  query: SELECT count(*) AS articles, sum(price) AS total FROM prices
charts:
  list: { type: table, labels: article, query: SELECT article, price FROM prices ORDER BY article }
`;

export const PRICES_CSV = 'article,price\nbread,3\nbutter,4\n';

/** A query whose data do not fit it for some sites, beside one that always works. */
export const FAULTY = `
id: faulty
source: main
params:
  site_id: { type: integer, tenant: true }
charts:
  broken:
    type: pie
    labels: name
    query: SELECT name, CAST(note AS INTEGER) AS note FROM sites WHERE id = :site_id
summary:
  query: SELECT name FROM sites WHERE id = :site_id
`;

export const SITES_COUNT = 40;

const DATABASE = [
  `CREATE TABLE sites AS
   SELECT range + 1 AS id, 'Site ' || (range + 1) AS name, 'Town ' || (range % 7) AS city,
     CASE WHEN range >= 30 THEN 'none' ELSE range::VARCHAR END AS note
   FROM range(${SITES_COUNT})`,
  `CREATE TABLE sales AS
   SELECT 1 + range % ${SITES_COUNT} AS site_id, CAST(DATE '2026-01-01' + CAST(range % 181 AS INTEGER) AS DATE) AS day,
     'kind ' || (range % 5) AS kind, 1 + range % 97 AS amount
   FROM range(40000)`,
];

/** Runs SQL that writes a database file. */
export async function writeDatabase(path: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const sql of statements) await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

/** A folder of definitions beside a small database and a CSV file; `extra` adds or replaces files. */
export async function shopFolder(t: Test, extra: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = join(tempFolder(t), 'dashboards');
  await writeShop(folder, extra);
  return folder;
}

/** The same in a folder that is not there yet. */
export async function writeShop(folder: string, extra: Readonly<Record<string, string>> = {}): Promise<void> {
  mkdirSync(folder);
  await writeDatabase(join(folder, 'shop.duckdb'), DATABASE);
  const files = {
    'dashcache.yaml': DASHCACHE,
    'shop.yaml': SHOP,
    'prices.yaml': PRICES,
    'prices.csv': PRICES_CSV,
    ...extra,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
