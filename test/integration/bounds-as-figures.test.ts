import { spawnSync } from 'node:child_process';
import t from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import { listeningApp } from './support/listening-app.js';
import { shopFolder } from './support/shop.js';
import { until } from './support/until.js';

/** What must be scraped to see that the promises are kept (DESIGN.md, invariant 4): name, labels, type. */
const BOUNDS = [
  ['dashcache_trust_seconds', '', 'gauge'],
  ['dashcache_unconfirmed_seconds', '', 'gauge'],
  ['dashcache_cache_operation_duration_seconds_count', '{operation="acknowledge"}', 'histogram'],
  ['dashcache_cache_events_total', '{event="looks"}', 'counter'],
  ['dashcache_cache_events_total', '{event="look_failures"}', 'counter'],
  ['dashcache_cache_events_total', '{event="gaps"}', 'counter'],
  ['dashcache_cache_events_total', '{event="refused_fills"}', 'counter'],
  ['dashcache_cache_events_total', '{event="unannounced_news"}', 'counter'],
  ['dashcache_new_roots_total', '{cause="first"}', 'counter'],
  ['dashcache_new_roots_total', '{cause="lost"}', 'counter'],
  ['dashcache_new_roots_total', '{cause="foreign"}', 'counter'],
  [
    'dashcache_reads_total',
    '{dashboard="shop",panel="metrics",outcome="unproven_hit",layer="l1"}',
    'counter',
  ],
] as const;

t.test('a running service: every bound is a figure, and says when Redis falls silent', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const service = await listeningApp(t, {
    folder: await shopFolder(t),
    environment: { REDIS_URL: redis.url },
  });
  const scrape = async () => (await service.get('/metrics')).text;
  const valueIn = (text: string, sample: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
    return Number(line?.slice(sample.length + 1));
  };
  const unproven =
    'dashcache_reads_total{dashboard="shop",panel="metrics",outcome="unproven_hit",layer="l1"}';
  const path = '/dashboards/shop/metrics?site_id=1';
  t.equal((await service.get(path)).status, 200);

  const text = await scrape();
  for (const [name, labels, type] of BOUNDS) {
    t.ok(valueIn(text, name + labels) >= 0, `${name}${labels}`);
    const family = name.replace(/_count$/, '');
    t.match(text, `# TYPE ${family} ${type}\n`);
    t.match(text, new RegExp(`^# HELP ${family} \\S`, 'm'));
  }
  t.equal(valueIn(text, 'dashcache_trust_seconds'), 1);
  t.ok(valueIn(text, 'dashcache_cache_events_total{event="looks"}') > 0);
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input: text });
  t.equal(`${stdout}${stderr}`, '');
  t.equal(status, 0);

  redis.freeze();
  t.ok(
    await until(async () => {
      const silent = await scrape();
      return valueIn(silent, 'dashcache_unconfirmed_seconds') > valueIn(silent, 'dashcache_trust_seconds');
    }),
    'the last answer is older than trust',
  );
  t.equal(valueIn(text, unproven), 0);
  t.ok(
    await until(async () => {
      t.equal((await service.get(path)).status, 200);
      return valueIn(await scrape(), unproven) >= 1;
    }),
    'a read is answered with what nobody proves',
  );
  redis.thaw();
});
