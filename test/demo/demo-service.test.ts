import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { buildApp } from '../../app.js';
import { loadConfig } from '../../config.js';
import { prepareDemo } from '../../demo/prepare-demo.js';
import { prepareRealDemo } from '../../demo/real/prepare-real-demo.js';
import type { StatisticsBody } from '../../services/statistics/report-schema.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { tempFolder } from '../helpers/temp-folder.js';

interface ChartData {
  readonly labels: unknown[];
  readonly series: readonly { readonly values: unknown[] }[];
}

interface PanelBody<Data> {
  readonly data: Data | null;
  readonly previous?: Record<string, unknown>;
}

interface DashboardBody {
  readonly panels: {
    readonly metrics: PanelBody<Record<string, unknown>>;
    readonly charts: Record<string, PanelBody<ChartData>>;
    readonly summary: PanelBody<Record<string, unknown>>;
  };
}

async function serve(t: Test, dataDir: string, definitionsFolder: string): Promise<FastifyInstance> {
  const config = loadConfig({ DATA_DIR: dataDir, DASHCACHE_CONFIG: definitionsFolder, LOG_LEVEL: 'silent' });
  const app = await buildApp(config, { clock: new ManualClock(), logger: false });
  t.after(() => app.close());
  return app;
}

async function load(app: FastifyInstance, url: string): Promise<{ body: DashboardBody; text: string }> {
  const response = await app.inject(url);
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode} ${response.body}`);
  return { body: response.json<DashboardBody>(), text: response.body };
}

async function queriesSoFar(app: FastifyInstance): Promise<number> {
  const statistics = (await app.inject('/reports/cache-statistics/')).json<StatisticsBody>();
  return statistics.enabled ? statistics.process.source_queries : Number.NaN;
}

/** Names of the panels without content. */
function emptyPanels({ panels }: DashboardBody): string[] {
  const charts = Object.entries(panels.charts).filter(
    ([, { data }]) =>
      !data?.labels.length ||
      !data.series.length ||
      data.series.some(({ values }) => values.every((v) => v === null)),
  );
  const singles = (['metrics', 'summary'] as const).filter((name) => {
    const { data } = panels[name];
    return !data || Object.values(data).includes(null);
  });
  return [...singles, ...charts.map(([name]) => name)];
}

t.test('the generated demo: every panel has content, and the second look asks no source', async (t) => {
  const dataDir = tempFolder(t);
  const { definitionsFolder } = await prepareDemo({
    dataDir,
    nowMs: new ManualClock().nowMs(),
    scale: 0.02,
    progress: () => {},
  });
  const app = await serve(t, dataDir, definitionsFolder);
  const options = (await app.inject('/dashboards/operations/options/site_id')).json<{
    options: { value: number }[];
  }>();
  t.equal(options.options.length, 8);
  for (const { value } of options.options) {
    const first = await load(app, `/dashboards/operations?site_id=${value}`);
    t.same(emptyPanels(first.body), [], `site ${value}`);
    t.match(first.body.panels.metrics.previous, { total_tasks: Number, average_completion_time: Number });
    const queriesCount = await queriesSoFar(app);
    const second = await load(app, `/dashboards/operations?period=30d&site_id=${value}`);
    t.equal(await queriesSoFar(app), queriesCount);
    t.equal(second.text, first.text);
  }
});

t.test('the real-data demo: every panel has content, with and without its choices', async (t) => {
  const dataDir = tempFolder(t);
  const { definitionsFolder } = await prepareRealDemo({ dataDir, progress: () => {} });
  const app = await serve(t, dataDir, definitionsFolder);
  for (const url of [
    '/dashboards/birdstrikes',
    '/dashboards/birdstrikes?state=Texas&size=Large&period=1995-01-01/1999-01-01',
    '/dashboards/airports',
    '/dashboards/airports?state=TX&search=city',
  ])
    t.same(emptyPanels((await load(app, url)).body), [], url);
  const strikes = (await load(app, '/dashboards/birdstrikes')).body.panels.metrics.data;
  t.match(strikes, { strikes: 10000, cost: 40545276 });
  t.equal((await app.inject('/dashboards/birdstrikes?size=Huge')).statusCode, 400);
  t.equal((await app.inject('/dashboards/airports?state=texas')).statusCode, 400);
});
