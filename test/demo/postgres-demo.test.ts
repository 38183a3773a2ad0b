import t from 'tap';
import { buildApp } from '../../app.js';
import { loadConfig } from '../../config.js';
import { preparePostgresDemo } from '../../demo/postgres/prepare-postgres-demo.js';
import { prepareDemo } from '../../demo/prepare-demo.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { tempFolder } from '../helpers/temp-folder.js';

interface PanelBody {
  readonly data: unknown;
  readonly previous?: unknown;
}

interface DashboardBody {
  readonly panels: {
    readonly metrics: PanelBody;
    readonly charts: Readonly<Record<string, PanelBody>>;
    readonly summary: PanelBody;
  };
}

function panelsOf({ panels }: DashboardBody): [string, PanelBody][] {
  return [['metrics', panels.metrics], ...Object.entries(panels.charts), ['summary', panels.summary]];
}

t.test('the demo on PostgreSQL: every panel has the content that it has on DuckDB', async (t) => {
  const options = {
    dataDir: tempFolder(t),
    nowMs: new ManualClock().nowMs(),
    scale: 0.02,
    progress: () => {},
  };
  const duckdb = await prepareDemo(options);
  const postgres = await preparePostgresDemo(options);
  t.after(() => postgres.server.stop());
  const ask = async (definitionsFolder: string) => {
    const config = loadConfig({
      DATA_DIR: options.dataDir,
      DASHCACHE_CONFIG: definitionsFolder,
      LOG_LEVEL: 'silent',
    });
    const app = await buildApp(config, { clock: new ManualClock(), logger: false });
    t.after(() => app.close());
    return async (url: string) => {
      const response = await app.inject(url);
      t.equal(response.statusCode, 200, `${url} ${response.statusCode === 200 ? '' : response.body}`);
      return response;
    };
  };
  const [askDuckdb, askPostgres] = [
    await ask(duckdb.definitionsFolder),
    await ask(postgres.definitionsFolder),
  ];
  const OPTIONS = '/dashboards/operations/options/site_id';
  t.equal((await askPostgres(OPTIONS)).body, (await askDuckdb(OPTIONS)).body);
  let comparedCount = 0;
  for (const query of ['', '&period=7d', '&period=365d', '&period=2026-01-01/2026-02-01'])
    for (const site of [1, 2, 5, 8]) {
      const url = `/dashboards/operations?site_id=${site}${query}`;
      const wanted = new Map(panelsOf((await askDuckdb(url)).json<DashboardBody>()));
      for (const [panel, { data, previous }] of panelsOf((await askPostgres(url)).json<DashboardBody>())) {
        const { data: wantedData, previous: wantedPrevious } = wanted.get(panel) ?? { data: undefined };
        t.equal(
          JSON.stringify([data, previous]),
          JSON.stringify([wantedData, wantedPrevious]),
          `${panel} of ${url}`,
        );
        comparedCount++;
      }
    }
  t.ok(comparedCount > 16 * 9, `${comparedCount} panels are equal`);
});
