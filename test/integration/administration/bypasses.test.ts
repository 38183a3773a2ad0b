import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { Bypassed } from '../../../services/bypass/bypass-schema.js';
import { statisticsOf } from '../support/counters.js';
import { listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { FAULTY, SHOP, SHOP_PANELS, shopFolder } from '../support/shop.js';
import { tell } from '../support/two-processes.js';

const METRICS = '/dashboards/shop/metrics?site_id=7';

/** The key figures beside those of the period before. */
const COMPARED = SHOP.replace('id: shop', 'id: compared').replace(
  'charts:',
  '  values: { sales: { compare: previous_period } }\ncharts:',
);

async function service() {
  const folder = await shopFolder(t, { 'faulty.yaml': FAULTY, 'compared.yaml': COMPARED });
  const app = await listeningApp(t, { folder });
  const bypass = async (url: string) =>
    (await tell(app, '/cache/bypasses', { body: { url } })).json<Bypassed>();
  return { ...app, bypass, source: scriptSource(app.app) };
}

t.test('a whole dashboard: each of its panels, with the queries that really reach the source', async (t) => {
  const { bypass, source } = await service();
  const told = await bypass('http://127.0.0.1/dashboards/shop?site_id=7');
  t.same(
    told.panels.map(({ panel }) => panel),
    SHOP_PANELS,
  );
  t.match(told, { url: '/dashboards/shop?site_id=7', dashboard: 'shop' });
  for (const { bytes, problem, duration_ms } of told.panels) {
    t.ok(bytes > 20);
    t.equal(problem, null);
    t.ok(duration_ms >= 0 && duration_ms <= told.duration_ms);
  }
  for (const url of ['/dashboards/shop?site_id=7', '/dashboards/compared/metrics?site_id=7']) {
    const before = source.passedCount;
    const { panels } = await bypass(url);
    const queries = panels.reduce((sum, panel) => sum + panel.queries, 0);
    t.equal(source.passedCount - before, queries, url);
  }
  t.equal(
    (await bypass('/dashboards/compared/metrics?site_id=7')).panels[0]?.queries,
    2,
    'the period before',
  );
});

t.test('what readers are served from stays, and they are not counted', async (t) => {
  const { bypass, get, source } = await service();
  await get(METRICS);
  const before = await statisticsOf({ get });
  source.failWith = new DashcacheError('source_down');
  t.equal((await bypass(METRICS)).panels[0]?.problem, 'source_down');
  source.failWith = null;
  t.match((await get(METRICS)).cacheStatus, '; hit;', 'the failure is not theirs');
  await bypass('/dashboards/shop/summary?site_id=7');
  t.match(
    (await get('/dashboards/shop/summary?site_id=7')).cacheStatus,
    'fwd=uri-miss',
    'nothing was stored',
  );
  const after = await statisticsOf({ get });
  t.equal(after.cache_stats.total_requests, before.cache_stats.total_requests + 2);
  t.equal(after.cache_stats.errors, 0);
  t.equal(after.cache_stats.bypasses, 0);
});

t.test('a panel that fails is told beside those that do not', async (t) => {
  const { bypass } = await service();
  const { panels } = await bypass('/dashboards/faulty?site_id=35');
  t.same(
    panels.map(({ panel, problem }) => [panel, problem]),
    [
      ['charts/broken', 'source_wrong_answer'],
      ['summary', null],
    ],
  );
});
