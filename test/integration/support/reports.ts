import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { json, type ScriptedUpstream, scriptedUpstream } from '../../helpers/scripted-upstream.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { type ListeningApp, type ListeningOptions, listeningApp } from './listening-app.js';

const dashboardWith = (deadline: string) => `
id: reports
source: legacy
params:
  region: { type: string, default: north, max_length: 100 }
  floor: { type: integer, optional: true }
  period: { type: period, default: 2026-01-01/2026-02-01 }
metrics:
  path: /totals/:region?floor=:floor
  rows: /data
  ttl: 60s
  grace: 0s
  deadline: ${deadline}
  max_bytes: 64 KiB
  max_rows: 100
charts:
  sales:
    type: line
    labels: day
    path: /sales/:region?from=:period_start&to=:period_end
    rows: /data
    ttl: 60s
    grace: 0s
    deadline: ${deadline}
    max_bytes: 64 KiB
    max_rows: 100
`;

export const TOKEN = 'a-secret-that-nobody-may-see';
export const METRICS = '/dashboards/reports/metrics';
export const SALES = '/dashboards/reports/charts/sales';

export interface ReportsService extends ListeningApp {
  readonly upstream: ScriptedUpstream;
}

/** The whole service in front of a scripted endpoint, which answers both panels well until it is told otherwise. */
export async function reportsService(
  t: Test,
  { deadline = '500ms', ...options }: Partial<ListeningOptions> & { deadline?: string } = {},
): Promise<ReportsService> {
  const upstream = await scriptedUpstream(t);
  upstream.on('/reports/totals/north', json({ data: { orders: 3, revenue: 19.9 } }));
  upstream.on('/reports/sales/north', json({ data: [{ day: '2026-01-01', total: 1 }] }));
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:
  legacy: { type: http, url: "${upstream.url}/reports", headers: { authorization: "Bearer \${LEGACY_TOKEN}" } }
`,
  );
  writeFileSync(join(folder, 'reports.yaml'), dashboardWith(deadline));
  const environment = { LEGACY_TOKEN: TOKEN, ...options.environment };
  const service = await listeningApp(t, { folder, ...options, environment });
  return { ...service, upstream };
}
