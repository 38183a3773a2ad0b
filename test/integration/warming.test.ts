import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { CacheEvent } from '../../services/events/events-schema.js';
import { Barrier } from '../helpers/barrier.js';
import { startRedis } from '../helpers/redis-server.js';
import { statisticsOf } from './support/counters.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { DASHCACHE, SHOP, SHOP_PANELS, SITES_COUNT, shopFolder } from './support/shop.js';
import { tell } from './support/two-processes.js';
import { until } from './support/until.js';

type WarmingEvent = Extract<CacheEvent, { kind: 'warming' }>;

async function warmings(service: ListeningApp): Promise<WarmingEvent[]> {
  return (await service.get('/cache/events?kind=warming')).json<{ events: WarmingEvent[] }>().events;
}

async function warmed(service: ListeningApp, count = 1): Promise<WarmingEvent> {
  const isThere = await until(async () => (await warmings(service)).length >= count, { withinMs: 30_000 });
  const [newest] = await warmings(service);
  if (!isThere || !newest) throw new Error('Nothing was warmed');
  return newest;
}

const isHit = async (service: ListeningApp, path: string): Promise<boolean> =>
  (await service.get(path)).cacheStatus.includes('dashcache; hit');

const folderWith = (t: Test, warming: string): Promise<string> =>
  shopFolder(t, { 'shop.yaml': `${SHOP}warming: ${warming}\n` });

const ALL = SITES_COUNT * SHOP_PANELS.length + 1;

t.test('after a start every panel of every tenant is loaded, and a read hits', async (t) => {
  const folder = await folderWith(t, '{ after_deploy: true }');
  const service = await listeningApp(t, { folder });
  const done = await warmed(service);
  t.match(done, { dashboard: 'shop', trigger: 'deploy', panels: ALL, failed: 0, hits: ALL });
  t.ok(await isHit(service, '/dashboards/shop?site_id=40'));
  const text = (await service.get('/metrics')).text;
  t.match(text, /cache_events_total\{event="warmings"\} 1\n/);
  t.match(text, /cache_events_total\{event="warming_misses"\} 0\n/);
  // The choices are asked for as a reader asks, to know the tenants.
  t.match(text, new RegExp(`cache_events_total\\{event="warming_loads"\\} ${ALL - 1}\n`));
  t.match((await statisticsOf(service)).process, { misses: 0, errors: 0 }, 'and no read is counted for it');

  await service.app.definitions.reload();
  t.equal((await warmings(service)).length, 1, 'a reload that changes nothing warms nothing');
  writeFileSync(
    join(folder, 'shop.yaml'),
    `${SHOP.replace("'kind", "'sort")}warming: { after_deploy: true, params: [{ site_id: 3 }] }\n`,
  );
  await service.app.definitions.reload();
  t.match(
    await warmed(service, 2),
    { trigger: 'deploy', panels: 5, hits: 5 },
    'the combination that it names',
  );
});

t.test('without a word of warming nothing is loaded', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  t.same(await warmings(service), []);
  t.notOk(await isHit(service, '/dashboards/shop/metrics?site_id=1'));
});

t.test('dashcache.yaml speaks for all dashboards, and a dashboard for itself', async (t) => {
  const folder = await shopFolder(t, {
    'dashcache.yaml': `${DASHCACHE}warming: { after_deploy: true, schedule: 0 6 * * * }\n`,
    'shop.yaml': `${SHOP}warming: { after_deploy: false, timezone: Europe/Berlin }\n`,
  });
  const service = await listeningApp(t, { folder });
  t.match(await warmed(service), { dashboard: 'prices', panels: 2, hits: 2 });
  t.equal((await warmings(service)).length, 1);
  const { warming } = service.app;
  t.match(new Date(warming.nextAtMs('prices') ?? 0).toISOString(), 'T06:00:00.000Z');
  t.match(new Date(warming.nextAtMs('shop') ?? 0).toISOString(), /T0[45]:00:00.000Z/);
});

t.test('what readers asked most is warmed after a restart, as it was asked', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await folderWith(t, '{ after_deploy: true, observed: 2, params: [{ site_id: 1 }] }');
  const environment = { REDIS_URL: redis.url };
  const first = await listeningApp(t, { folder, environment });
  await warmed(first);
  const [hot, rare] = ['/dashboards/shop/metrics?site_id=9&period=8w', '/dashboards/shop/summary?site_id=12'];
  for (let each = 0; each < 3; each++) await first.get(hot);
  await first.get('/dashboards/shop/charts/by_day?site_id=11&period=3mo');
  await first.get('/dashboards/shop/charts/by_day?site_id=11&period=3mo');
  await first.get(rare);
  await first.stop();

  // Another query has another key, so nothing of before is found.
  writeFileSync(
    join(folder, 'shop.yaml'),
    `${SHOP.replaceAll('FROM sales', 'FROM sales  ').replace('name, city', 'city, name')}warming: { after_deploy: true, observed: 2, params: [{ site_id: 1 }] }\n`,
  );
  const second = await listeningApp(t, { folder, environment });
  t.match(
    await warmed(second),
    { panels: 7, hits: 7 },
    'the dashboard of site 1 with its choices, and two questions',
  );
  t.ok(await isHit(second, hot));
  t.ok(await isHit(second, '/dashboards/shop/charts/by_day?site_id=11&period=3mo'));
  t.notOk(await isHit(second, rare));
});

t.test('a load job has what it touched loaded anew, of its tenant or of all', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  const invalidate = async (body: object) =>
    (await tell(service, '/cache/invalidations', { body })).json<{ warming?: string[] }>();
  t.notOk('warming' in (await invalidate({ table: 'sales' })));
  t.same((await invalidate({ table: 'none', warm: true })).warming, []);
  t.same((await invalidate({ table: 'sales', tenant: '7', warm: true })).warming, ['shop']);
  t.match(
    await warmed(service),
    { trigger: 'load', panels: 3, loaded: 3, hits: 3 },
    'the summary reads no sales',
  );
  t.same((await invalidate({ table: 'sites', warm: true, mode: 'expire' })).warming, ['shop']);
  t.match(await warmed(service, 2), { panels: SITES_COUNT, hits: SITES_COUNT });
  t.same((await invalidate({ all: true, warm: true })).warming, ['prices', 'shop']);
  await warmed(service, 4);
  const both = (await warmings(service)).slice(0, 2);
  t.same(
    both.map(({ panels, hits }) => [panels, hits]).toSorted(),
    [
      [2, 2],
      [ALL, ALL],
    ].toSorted(),
  );
});

t.test(
  'given a reload that takes panels away, neither a warming nor a refresh loads them again',
  async (t) => {
    const folder = await shopFolder(t);
    const service = await listeningApp(t, { folder });
    const source = scriptSource(service.app);
    const barrier = new Barrier();
    const paths = SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=3`);
    for (const path of paths) await service.get(path);
    const other = scriptSource(service.app, 'files');
    await service.get('/dashboards/prices/metrics');
    source.barrier = barrier;
    const warming = tell(service, '/cache/warmings', { body: { dashboard: 'shop', tenant: '5' } });
    await barrier.arrived(2);
    rmSync(join(folder, 'shop.yaml'));
    await service.app.definitions.reload();
    barrier.open();
    const done = (await warming).json<{ problems: { code: string }[] }>();
    t.match(done, { failed: 3 });
    t.ok(done.problems.every(({ code }) => code === 'panel_unknown'));

    const askedCount = source.askedCount;
    await tell(service, '/cache/invalidations', { body: { all: true, mode: 'expire' } });
    t.ok(await until(() => other.askedCount === 2), 'what is left is refreshed by itself');
    await service.app.dashboardCache.cache.settled();
    t.equal(source.askedCount, askedCount, 'what was read a moment ago is not refreshed');
  },
);

t.test('the same expire without the reload refreshes them by itself', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  const source = scriptSource(service.app);
  await service.get('/dashboards/shop/metrics?site_id=3');
  await tell(service, '/cache/invalidations', { body: { all: true, mode: 'expire' } });
  t.ok(await until(() => source.askedCount === 2));
});

t.test('under a budget it waits for its turn, and warms all the same', async (t) => {
  const folder = await shopFolder(t, {
    'dashcache.yaml': DASHCACHE.replace('concurrency: 2', 'concurrency: 2, budget: 400/min'),
    'shop.yaml': `${SHOP}warming: { after_deploy: true, params: [{ site_id: 1 }, { site_id: 2 }] }\n`,
  });
  const service = await listeningApp(t, { folder });
  t.match(await warmed(service), { panels: 9, failed: 0, hits: 9 });
});
