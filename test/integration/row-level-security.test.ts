import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadOptions } from '../../config/load-options.js';
import { loadConfig } from '../../config.js';
import { auditSample } from '../../services/audit/audit-sample.js';
import { SourceTruth } from '../../services/audit/source-truth.js';
import { loadDefinitions } from '../../services/definitions/load-definitions.js';
import { type PostgresServer, startPostgres } from '../helpers/postgres-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { openForTest } from '../services/sources/postgres/postgres-fixture.js';
import { statisticsOf } from './support/counters.js';
import { listeningApp } from './support/listening-app.js';
import { tell } from './support/two-processes.js';
import { until } from './support/until.js';

/** Its queries bind the tenant and deliberately restrict nothing by it, and fail where the database is told another. */
const SHOP = `
id: shop
source: main
params:
  site: { type: string, tenant: true, options: SELECT site FROM sites ORDER BY site }
  period: { type: period, default: 2026-03-01/2026-03-08 }
  body: { type: string, optional: true, options: "SELECT DISTINCT body FROM notes WHERE :site <> '' ORDER BY body" }
metrics:
  query: >-
    SELECT count(*) AS notes, max(1 / CASE WHEN told() = :site THEN 1 ELSE 0 END) AS told
    FROM notes WHERE written < :period_end AND written >= :period_start
  values: { notes: { compare: previous_period } }
summary: { query: "SELECT string_agg(body, ', ' ORDER BY body) AS bodies FROM notes WHERE :site <> '' AND (:body IS NULL OR body = :body)" }
warming: { params: [{ site: north }] }
`;
const SCHEMA = `
  CREATE TABLE sites (site text); INSERT INTO sites VALUES ('north'), ('south');
  CREATE TABLE notes (site text, body text, written timestamptz);
  INSERT INTO notes SELECT 'north', 'n', timestamptz '2026-03-08 12:00Z' - make_interval(days => d) FROM generate_series(1, 6) AS d;
  INSERT INTO notes SELECT 'south', 's', timestamptz '2026-03-08 12:00Z' - make_interval(days => d) FROM generate_series(1, 13) AS d;
  CREATE FUNCTION told() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.tenant', true) $$;
  ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE notes FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON notes USING (site = current_setting('app.tenant', true));
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`;

function folderFor(t: Test, more: string): string {
  const folder = join(tempFolder(t), 'dashboards');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'dashcache.yaml'),
    `sources:\n  main: { type: postgres, url: "\${DATABASE_URL}", pool: 2${more} }\n`,
  );
  writeFileSync(join(folder, 'shop.yaml'), SHOP);
  return folder;
}

const readerUrl = (server: PostgresServer) => server.url.replace('postgres@', 'reader@');
const WALL = ', row_level_security: { setting: app.tenant }';
const path = (panel: string, site: string) => `/dashboards/shop/${panel}?site=${site}`;

t.test('a database that holds tenants apart by itself', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await server.query(SCHEMA);
  const environment = { DATABASE_URL: readerUrl(server) };

  for (const [title, budget] of [
    ['without a budget', ''],
    ['with a budget', ', budget: 1000/min'],
  ] as const)
    await t.test(`${title}, every way to a query tells it the tenant`, async (t) => {
      const service = await listeningApp(t, { folder: folderFor(t, WALL + budget), environment });
      const dataOf = async (panel: string, site: string) =>
        (await service.get(path(panel, site))).json<{ data: unknown; previous?: unknown }>();
      t.match(await dataOf('metrics', 'north'), { data: { notes: 6 } }, 'a load');
      t.match(
        await dataOf('metrics', 'south'),
        { data: { notes: 7 }, previous: { notes: 6 } },
        'of another tenant, and the period before',
      );
      t.match(await dataOf('summary', 'north'), { data: { bodies: 'n, n, n, n, n, n' } });
      const options = (name: string, query = '') => service.get(`/dashboards/shop/options/${name}${query}`);
      t.match((await options('body', '?site=south')).text, /"s"/, 'choices of a tenant');
      t.notMatch((await options('body', '?site=south')).text, /"n"/);
      t.match((await options('site')).text, /north.*south/, 'choices of tenants are nobody’s');
      const bypassed = await tell(service, '/cache/bypasses', {
        body: { url: '/dashboards/shop?site=north' },
      });
      t.match(bypassed.json(), { panels: [{ problem: null }, { problem: null }] }, 'a bypass');
      const body = { all: true, mode: 'purge' };
      await tell(service, '/cache/invalidations', { body });
      const warmed = await tell(service, '/cache/warmings', { body: { dashboard: 'shop', tenant: 'north' } });
      t.match(warmed.json(), { problems: [] }, 'a warming');
      t.match(await dataOf('metrics', 'north'), { data: { notes: 6 } });

      await server.query("INSERT INTO notes VALUES ('north', 'n', '2026-03-05 12:00Z')");
      await tell(service, '/cache/invalidations', { body: { ...body, mode: 'expire' } });
      const isRefreshed = async () => JSON.stringify(await dataOf('metrics', 'north')).includes('"notes":7');
      t.ok(await until(isRefreshed), 'a refresh');
      await server.query("DELETE FROM notes WHERE ctid = (SELECT max(ctid) FROM notes WHERE site = 'north')");
      t.match((await statisticsOf(service)).process, { errors: 0 });
    });

  await t.test('an audit asks as a load does', async (t) => {
    const folder = folderFor(t, WALL);
    const definitions = await loadDefinitions(folder, loadOptions(loadConfig(environment)));
    const dashboard = definitions.dashboards.get('shop');
    const panel = dashboard?.panels.get('metrics');
    if (!dashboard || !panel) throw new Error('There is no shop');
    const { source } = openForTest(t, readerUrl(server), { tenantSetting: 'app.tenant' });
    const truth = new SourceTruth({
      sources: new Map([['main', source]]),
      signal: new AbortController().signal,
    });
    const { read } = auditSample({ dashboard, panel, texts: new Map([['site', 'north']]) }, Date.now());
    t.match(await truth.contentOf(read), /"notes":6/);
  });

  await t.test('control: a source that tells nothing shows nothing', async (t) => {
    const service = await listeningApp(t, { folder: folderFor(t, ''), environment });
    t.match((await service.get(path('metrics', 'north'))).text, /"notes":0/);
    t.match((await service.get(path('summary', 'north'))).text, /"bodies":null/);
  });
});
