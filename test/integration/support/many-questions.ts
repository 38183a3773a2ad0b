import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from '../../helpers/lifetime.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const DASHBOARD = `
id: facts
source: main
params:
  site_id: { type: integer, minimum: 1, tenant: true }
  n: { type: integer, minimum: 0 }
`;
const QUERY =
  "metrics: { query: SELECT site_id, :n AS n, repeat('x', 600) AS text FROM facts WHERE site_id = :site_id }\n";
const PATH = 'metrics: { path: /:site_id/:n }\n';

export const TENANTS_COUNT = 21;

/**
 * The definitions of a dashboard of 21 tenants, each with as many questions as there are integers; every answer is another. They
 * ask DuckDB, or endpoints at an address.
 */
export function manyQuestions(t: Lifetime, address: string | null = null): string {
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  const rows = Array.from({ length: TENANTS_COUNT }, (_empty, i) => `${i + 1}\n`).join('');
  writeFileSync(join(folder, 'facts.csv'), `site_id\n${rows}`);
  const kind =
    address === null ? 'type: duckdb, files: { facts: facts.csv }' : `type: http, url: "${address}"`;
  const source = `main: { ${kind}, concurrency: 4 }`;
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:\n  ${source}\ndefaults: { ttl: 1h, grace: 1h, stale_if_error: 24h }\n`,
  );
  writeFileSync(join(folder, 'facts.yaml'), DASHBOARD + (address === null ? QUERY : PATH));
  return folder;
}

export function questionPath(tenant: number, n: number): string {
  return `/dashboards/facts/metrics?site_id=${tenant}&n=${n}`;
}
