import t from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import { statisticsOf } from './support/counters.js';
import { listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { shopFolder } from './support/shop.js';
import { together } from './support/together.js';

t.test('CACHE_MONITORING=false: nothing is told, while headers and 304 stay', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const environment = { REDIS_URL: redis.url, CACHE_MONITORING: 'false' };
  const service = await listeningApp(t, { folder: await shopFolder(t), environment });
  const path = '/dashboards/shop/charts/by_day?site_id=2';
  await service.get(path);
  const hit = await service.get(path, { headers: { 'accept-encoding': 'br' } });
  t.match(hit.cacheStatus, /^dashcache; hit; ttl=\d+; detail=l1$/);
  const kept = await service.get(path, { headers: { 'if-none-match': String(hit.headers.etag) } });
  t.equal(kept.status, 304);
  t.match(kept.headers, {
    age: /^\d+$/,
    'cache-status': /hit/,
    'cache-control': /^private/,
    etag: hit.headers.etag,
  });
  for (const report of ['/reports/cache-statistics/', '/reports/cache-statistics', '/reports/cache-history'])
    t.same((await service.get(report)).json(), { enabled: false });
  const { text } = await service.get('/metrics');
  t.notMatch(text, 'dashcache_reads_total');
  t.match(text, 'process_');
});

t.test(
  'CACHE_ENABLED=false: every read is a bypass that asks the source, and the entries of others stay where they are',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const folder = await shopFolder(t);
    const environment = { REDIS_URL: redis.url };
    const on = await listeningApp(t, { folder, environment });
    const path = '/dashboards/shop/metrics?site_id=5';
    await on.get(path);
    const off = await listeningApp(t, { folder, environment: { ...environment, CACHE_ENABLED: 'false' } });
    for (let i = 0; i < 3; i++) t.equal((await off.get(path)).cacheStatus, 'dashcache; fwd=bypass');
    t.equal((await off.get('/dashboards/shop?site_id=5')).cacheStatus, 'dashcache; fwd=bypass');
    // Each process tells its figures in steps, or when it is asked.
    await statisticsOf(on);
    const { process, sources } = await statisticsOf(off);
    t.match(process, {
      total_requests: 7,
      bypasses: 7,
      hits: 0,
      misses: 0,
      source_queries: 7,
      memory_entries: 0,
    });
    t.match(sources, [{ name: 'main', queries: 8 }], 'the one of the other process included');
    t.match((await on.get(path)).cacheStatus, 'detail=l1');
  },
);

t.test(
  'CACHE_ENABLED=false and readers at the same time: they share one load, and each is a bypass',
  async (t) => {
    const folder = await shopFolder(t);
    const listening = await listeningApp(t, { folder, environment: { CACHE_ENABLED: 'false' } });
    const off = { ...listening, source: scriptSource(listening.app) };
    const read = () => off.get('/dashboards/shop/charts/by_day?site_id=5');
    const answers = await together(
      off,
      Array.from({ length: 10 }, () => read),
    );
    t.equal(off.source.askedCount, 1);
    for (const answer of answers) {
      t.equal(answer.cacheStatus, 'dashcache; fwd=bypass');
      t.ok(answer.bytes.equals(answers[0]?.bytes ?? Buffer.alloc(0)));
    }
    await read();
    t.equal(off.source.askedCount, 2, 'nothing is kept');
    t.match((await statisticsOf(off)).cache_stats, { bypasses: 11, total_requests: 11 });
  },
);
