import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { Barrier } from '../../helpers/barrier.js';
import { startRedis } from '../../helpers/redis-server.js';
import type { Answer } from '../support/ask.js';
import { statisticsOf } from '../support/counters.js';
import { HeldClock } from '../support/held-clock.js';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { GRACE_MS, SHOP_PANELS, SITES_COUNT, shopFolder, TTL_MS } from '../support/shop.js';
import { tell } from '../support/two-processes.js';
import { until } from '../support/until.js';

const warm = (service: { url: string }, body: object): Promise<Answer> =>
  tell(service, '/cache/warmings', { body });

/** All addresses of the shop as a browser asks for them: the choices, then every site's dashboard and panels. */
function browserPaths(): string[] {
  const sites = Array.from({ length: SITES_COUNT }, (_, index) => index + 1);
  return [
    '/dashboards/shop/options/site_id',
    ...sites.flatMap((site) => [
      `/dashboards/shop?site_id=${site}`,
      ...SHOP_PANELS.map(
        (panel) => `/dashboards/shop/${panel}?period=2026-01-01%2F2026-07-01&site_id=${site}`,
      ),
    ]),
  ];
}

async function missesOf(service: ListeningApp, paths: readonly string[]): Promise<string[]> {
  const missed: string[] = [];
  for (const path of paths) {
    const { status, cacheStatus } = await service.get(path, { headers: { 'accept-encoding': 'br' } });
    if (status !== 200 || !/^dashcache; hit/.test(cacheStatus))
      missed.push(`${path}: ${status} ${cacheStatus}`);
  }
  return missed;
}

const EACH = SITES_COUNT * SHOP_PANELS.length + 1;

t.test('all panels of all sites, warmed in one process and read in two', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const environment = { REDIS_URL: redis.url };
  const [first, second] = await Promise.all([
    listeningApp(t, { folder, environment }),
    listeningApp(t, { folder, environment }),
  ]);
  t.not((await missesOf(first, ['/dashboards/prices/metrics'])).length, 0, 'a cold address is no hit');

  const answer = await warm(first, { dashboard: 'shop' });
  t.equal(answer.status, 200);
  t.match(answer.json(), {
    dashboard: 'shop',
    tenants: SITES_COUNT,
    panels: EACH,
    // The choices were loaded when the tenants were asked for.
    loaded: EACH - 1,
    fresh: 1,
    failed: 0,
    switched_off: 0,
    hits: EACH,
    problems: [],
  });

  for (const service of [first, second]) {
    const source = scriptSource(service.app);
    t.same(await missesOf(service, browserPaths()), []);
    t.equal(source.askedCount, 0, 'no source query');
    const { process } = await statisticsOf(service);
    t.match(process, { misses: service === first ? 1 : 0, errors: 0 }, 'and warming counts nowhere');
  }

  t.match((await warm(first, { dashboard: 'shop' })).json(), { loaded: 0, fresh: EACH, hits: EACH });
});

t.test('given something stale, a warming loads it, and a read then is fresh', async (t) => {
  const clock = new HeldClock();
  const service = await listeningApp(t, { folder: await shopFolder(t), clock });
  const body = { dashboard: 'shop', panel: 'metrics', tenant: '7' };
  t.match((await warm(service, body)).json(), { panels: 1, loaded: 1, fresh: 0, hits: 1 });
  t.match((await warm(service, body)).json(), { loaded: 0, fresh: 1 });
  clock.shift(TTL_MS + GRACE_MS / 2);
  t.match((await warm(service, body)).json(), { loaded: 1, fresh: 0, hits: 1 });
  t.match((await service.get('/dashboards/shop/metrics?site_id=7')).cacheStatus, `hit; ttl=${TTL_MS / 1000}`);
});

t.test(
  'a source that fails: the problems are told, and after ten in a row the rest is not tried',
  async (t) => {
    const service = await listeningApp(t, { folder: await shopFolder(t) });
    await service.get('/dashboards/shop/options/site_id');
    const source = scriptSource(service.app);
    source.failWith = new DashcacheError('source_down', { detail: 'It is away.' });
    const warmed = (await warm(service, { dashboard: 'shop' })).json<{ problems: unknown[] }>();
    t.match(warmed, { panels: EACH, loaded: 0, failed: EACH - 1, fresh: 1, hits: 1 });
    t.match(warmed.problems[0], {
      panel: 'metrics',
      tenant: '1',
      code: 'source_down',
      detail: 'It is away.',
    });
    t.equal(warmed.problems.length, 20);
    t.ok(source.askedCount <= 12, `${source.askedCount} queries of ${EACH}`);
  },
);

t.test('it asks no more at once than the source answers at once', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  const source = scriptSource(service.app);
  const barrier = new Barrier();
  source.barrier = barrier;
  const answer = warm(service, { dashboard: 'shop', tenant: '3' });
  await barrier.arrived(2);
  t.equal(barrier.arrivedCount, 2, 'concurrency: 2');
  barrier.letOne();
  await barrier.arrived(3);
  t.equal(barrier.arrivedCount, 3);
  barrier.open();
  t.match((await answer).json(), { failed: 0 });
});

t.test('when the caller hangs up, nothing more is begun', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  await service.get('/dashboards/shop/options/site_id');
  const source = scriptSource(service.app);
  const barrier = new Barrier();
  source.barrier = barrier;
  const hangUp = new AbortController();
  const asked = fetch(`${service.url}/cache/warmings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dashboard: 'shop' }),
    signal: hangUp.signal,
  });
  await barrier.arrived(2);
  const gone = new Promise<void>((resolve) => service.app.server.once('connection', () => resolve()));
  hangUp.abort();
  await t.rejects(asked);
  // A later connection is seen after the end of the first.
  await service.get('/health/live');
  await gone;
  barrier.open();
  const entries = async () => source.passedCount >= 2;
  t.ok(await until(entries));
  t.equal(source.askedCount, 2, 'only what was under way');
});

t.test('switched off, it loads nothing and says so', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  await tell(service, '/cache/switch', {
    method: 'PUT',
    body: { enabled: false, dashboard: 'shop', panel: 'summary' },
  });
  const source = scriptSource(service.app);
  const answer = await warm(service, { dashboard: 'shop', params: { site_id: 5 } });
  t.match(answer.json(), { tenants: 1, panels: 5, loaded: 4, switched_off: 1, failed: 0, hits: 4 });
  t.equal(source.askedCount, 4);
});

t.test('a dashboard without tenants', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  t.match((await warm(service, { dashboard: 'prices' })).json(), {
    tenants: null,
    panels: 2,
    loaded: 2,
    hits: 2,
  });
});
