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
metrics:
  query: SELECT site_id, :n AS n, repeat('x', 600) AS text FROM facts WHERE site_id = :site_id
`;

export const TENANTS_COUNT = 21;

/** The definitions of a dashboard of 21 tenants, each with as many questions as there are integers; every answer is another. */
export function manyQuestions(t: Lifetime): string {
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  const rows = Array.from({ length: TENANTS_COUNT }, (_empty, i) => `${i + 1}\n`).join('');
  writeFileSync(join(folder, 'facts.csv'), `site_id\n${rows}`);
  const source = 'main: { type: duckdb, files: { facts: facts.csv }, concurrency: 4 }';
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:\n  ${source}\ndefaults: { ttl: 1h, grace: 1h, stale_if_error: 24h }\n`,
  );
  writeFileSync(join(folder, 'facts.yaml'), DASHBOARD);
  return folder;
}

export function questionPath(tenant: number, n: number): string {
  return `/dashboards/facts/metrics?site_id=${tenant}&n=${n}`;
}
