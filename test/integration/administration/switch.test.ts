import { Redis } from 'ioredis';
import t from 'tap';
import { startRedis } from '../../helpers/redis-server.js';
import { builtService } from '../support/built-service.js';
import { statisticsOf } from '../support/counters.js';
import { listeningApp } from '../support/listening-app.js';
import { scriptSource } from '../support/scripted-source.js';
import { shopFolder } from '../support/shop.js';
import { together } from '../support/together.js';
import { heat, read, tell, twoProcesses } from '../support/two-processes.js';
import { until } from '../support/until.js';

const METRICS = '/dashboards/shop/metrics?site_id=7';
const SUMMARY = '/dashboards/shop/summary?site_id=7';
const PRICES = '/dashboards/prices/metrics';

const put = (service: { url: string }, body: object) =>
  tell(service, '/cache/switch', { method: 'PUT', body });

t.test('two processes on one Redis', async (t) => {
  const { services, redis, environment } = await twoProcesses(t);
  const [first, second] = services;
  const admin = new Redis(redis.adminUrl);
  t.teardown(() => admin.quit());

  const GRAINS: readonly [selected: object, off: readonly string[], on: readonly string[]][] = [
    [{}, [METRICS, SUMMARY, PRICES], []],
    [{ dashboard: 'shop' }, [METRICS, SUMMARY], [PRICES]],
    [{ dashboard: 'shop', panel: 'summary' }, [SUMMARY], [METRICS, PRICES]],
  ];
  for (const [selected, off, on] of GRAINS)
    await t.test(
      `off ${JSON.stringify(selected)}: in force in both when it is answered; on: nothing from before`,
      async (t) => {
        for (const service of services) await heat(service, [METRICS, SUMMARY, PRICES]);
        const answer = await put(first, { enabled: false, ...selected });
        t.equal(answer.status, 200);
        t.match(answer.json(), { reach: 'primary', processes: 2, confirmed: 2 });
        for (const service of services) {
          for (const path of off)
            t.equal((await read(service, path)).cacheStatus, 'dashcache; fwd=bypass', path);
          for (const path of on) t.match((await read(service, path)).cacheStatus, 'hit', path);
        }
        await put(second, { enabled: true, ...selected });
        for (const service of services)
          for (const path of off) {
            const { cacheStatus } = await read(service, path);
            // The other process may have loaded it anew and left it in Redis.
            t.match(cacheStatus, service === first ? 'fwd=uri-miss; stored' : /detail=l2|uri-miss/, path);
          }
      },
    );

  await t.test('all states are told, with the widest switch that is off', async (t) => {
    await put(first, { enabled: false, dashboard: 'shop', panel: 'metrics' });
    await put(first, { enabled: false, dashboard: 'prices' });
    const states = (await read(second, '/cache/switch')).json();
    t.match(states, {
      enabled: true,
      off_by: null,
      dashboards: [
        { dashboard: 'prices', enabled: false, off_by: 'dashboard', panels: [{ off_by: 'dashboard' }, {}] },
        { dashboard: 'shop', enabled: true, off_by: null },
      ],
    });
    const answer = await put(second, { enabled: true, dashboard: 'prices', panel: 'metrics' });
    t.match(answer.json(), {
      dashboards: [{ enabled: false, panels: [{ enabled: false, off_by: 'dashboard' }, {}] }, {}],
    });
    await put(first, { enabled: true, dashboard: 'prices' });
    await put(first, { enabled: true, dashboard: 'shop', panel: 'metrics' });
    t.notMatch((await read(first, '/cache/switch')).text, '"enabled":false');
  });

  for (const [title, lose] of [
    ['the key of the switch is evicted', () => admin.del('dc:{g}:switch')],
    ['all data of Redis is lost', () => admin.flushall()],
  ] as const)
    await t.test(`${title}: it comes back, also for a process that starts then`, async (t) => {
      await put(first, { enabled: false, dashboard: 'shop' });
      await lose();
      t.ok(
        await until(async () => (await admin.exists('dc:{g}:switch')) === 1, { withinMs: 5000 }),
        'written back',
      );
      const third = await builtService({ environment });
      t.teardown(() => third.stop());
      for (const service of [first, second, third])
        t.equal((await read(service, METRICS)).cacheStatus, 'dashcache; fwd=bypass');
      t.match((await put(third, { enabled: true, dashboard: 'shop' })).json(), {
        processes: 3,
        confirmed: 3,
      });
      for (const service of [first, second, third])
        t.not((await read(service, METRICS)).cacheStatus, 'dashcache; fwd=bypass');
      await third.stop();
    });

  await t.test('a process that left is not waited for', async (t) => {
    const answer = await put(first, { enabled: true });
    t.match(answer.json(), { processes: 2, confirmed: 2 });
  });

  await t.test('while Redis is frozen: 503, in force here, and everywhere once it thaws', async (t) => {
    redis.freeze();
    const answer = await put(first, { enabled: false, dashboard: 'prices' });
    t.equal(answer.status, 503);
    t.match(answer.json(), { code: 'switch_not_taken' });
    t.equal((await read(first, PRICES)).cacheStatus, 'dashcache; fwd=bypass');
    redis.thaw();
    t.ok(await until(async () => (await read(second, PRICES)).cacheStatus === 'dashcache; fwd=bypass'));
  });
});

t.test('readers at the same time share one load while it is off', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const listening = await listeningApp(t, {
    folder: await shopFolder(t),
    environment: { REDIS_URL: redis.url },
  });
  const service = { ...listening, source: scriptSource(listening.app) };
  await put(service, { enabled: false });
  const ask = () => service.get(METRICS);
  const answers = await together(
    service,
    Array.from({ length: 30 }, () => ask),
  );
  t.equal(service.source.askedCount, 1, '30 requests, one query');
  for (const { cacheStatus } of answers) t.equal(cacheStatus, 'dashcache; fwd=bypass');
  t.match((await statisticsOf(service)).cache_stats, { bypasses: 30, total_requests: 30 });
  await ask();
  t.equal(service.source.askedCount, 2, 'nothing is kept');
});

t.test('without Redis the switch works in memory', async (t) => {
  const service = await listeningApp(t, { folder: await shopFolder(t) });
  await service.get(METRICS);
  t.match((await put(service, { enabled: false })).json(), {
    reach: 'memory',
    processes: 1,
    confirmed: 1,
    enabled: false,
  });
  t.equal((await service.get(METRICS)).cacheStatus, 'dashcache; fwd=bypass');
  await put(service, { enabled: true });
  t.match((await service.get(METRICS)).cacheStatus, 'fwd=uri-miss');
});

t.test('CACHE_ENABLED=false wins', async (t) => {
  const service = await listeningApp(t, {
    folder: await shopFolder(t),
    environment: { CACHE_ENABLED: 'false' },
  });
  const answer = await put(service, { enabled: true });
  t.match(answer.json(), { enabled: false, off_by: 'CACHE_ENABLED' });
  t.equal((await service.get(METRICS)).cacheStatus, 'dashcache; fwd=bypass');
});
