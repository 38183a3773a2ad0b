import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDefinitions } from '../../../services/definitions/load-definitions.js';
import type { Dashboard, Definitions } from '../../../services/definitions/model.js';
import type { Ttls } from '../../../services/definitions/panel-policy.js';

export const TTLS: Ttls = {
  metrics: { ms: 300_000, setting: 'METRICS_TIMEOUT', explicit: false },
  chart: { ms: 600_000, setting: 'CHART_DATA_TIMEOUT', explicit: false },
  summary: { ms: 900_000, setting: 'SUMMARY_TIMEOUT', explicit: false },
};

const USUAL_DASHCACHE = 'sources:\n  main: { type: duckdb, path: main.duckdb }\n';

/** Loads the files of a folder made for the occasion. */
export async function definitionsOf(
  files: Readonly<Record<string, string>>,
  options: { ttls?: Ttls; environment?: Record<string, string> } = {},
): Promise<Definitions> {
  const folder = await mkdtemp(join(tmpdir(), 'definitions-'));
  try {
    for (const [name, text] of Object.entries({ 'dashcache.yaml': USUAL_DASHCACHE, ...files }))
      await writeFile(join(folder, name), text);
    const { environment = {}, ttls = TTLS } = options;
    return await loadDefinitions(folder, { environment, ttls });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A dashboard with these parameters (YAML, one a line) whose metrics bind all of them, and whose summary binds none. */
export async function dashboardWith(params: readonly string[], binds: readonly string[]): Promise<Dashboard> {
  const lines = params.map((line) => `  ${line}\n`).join('');
  const text = `id: some\nsource: main\n${lines && `params:\n${lines}`}metrics:\n  query: SELECT ${
    binds.map((name, index) => `:${name} AS c${index}`).join(', ') || '1 AS one'
  }\nsummary:\n  query: SELECT 1 AS one\n`;
  const { dashboards } = await definitionsOf({ 'some.yaml': text });
  const dashboard = dashboards.get('some');
  if (!dashboard) throw new Error('The dashboard was not loaded');
  return dashboard;
}
