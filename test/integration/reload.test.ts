import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import { ask } from './support/ask.js';
import { builtService } from './support/built-service.js';
import { statisticsOf } from './support/counters.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { type ScriptedSource, scriptSource } from './support/scripted-source.js';
import { PRICES, SHOP, shopFolder } from './support/shop.js';
import { until } from './support/until.js';

const METRICS = '/dashboards/shop/metrics?site_id=3';
const SUMMARY = '/dashboards/shop/summary?site_id=3';
const DOUBLED = SHOP.replace(
  'sum(amount) AS revenue FROM sales\n',
  'sum(2 * amount) AS revenue FROM sales\n',
);

interface Reloading extends ListeningApp {
  readonly source: ScriptedSource;
  write(name: string, text: string): void;
}

async function reloading(t: Test): Promise<Reloading> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  const service = await listeningApp(t, { folder, environment: { REDIS_URL: redis.url } });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  return { ...service, source: scriptSource(service.app), write };
}

async function revenueOf(service: ListeningApp): Promise<number> {
  return (await service.get(METRICS)).json<{ data: { revenue: number } }>().data.revenue;
}

async function degradedOf(service: ListeningApp): Promise<unknown> {
  const answer = await service.get('/health/ready');
  return { status: answer.status, degraded: answer.json()['degraded'] };
}

t.test(
  'a changed query: new content at once, none of the old afterwards, and other panels stay warm',
  async (t) => {
    const service = await reloading(t);
    const old = await revenueOf(service);
    await service.get(SUMMARY);
    const before = service.app.definitions.current;
    service.write('shop.yaml', DOUBLED);
    t.ok(await until(() => service.app.definitions.current !== before), 'the file is noticed');
    const first = await service.get(METRICS);
    t.match(first.cacheStatus, 'fwd=uri-miss', 'neither memory nor Redis has it');
    t.match(first.json(), { data: { revenue: 2 * old } });
    t.match((await service.get(METRICS)).cacheStatus, 'detail=l1');
    t.equal(await revenueOf(service), 2 * old);
    t.match((await service.get(SUMMARY)).cacheStatus, 'detail=l1', 'an unchanged panel keeps its entry');
    t.equal(service.source.askedCount, 3);

    service.write('shop.yaml', SHOP);
    t.ok(
      await until(async () => (await revenueOf(service)) === old),
      'the former definition finds its own entry',
    );
    t.equal(service.source.askedCount, 3, 'without a query');
  },
);

t.test('a changed list of tags: entries of before are not found; a changed title: they are', async (t) => {
  const service = await reloading(t);
  await service.get(METRICS);
  const changes = [
    SHOP.replace('metrics:\n', 'metrics:\n  tags: [finance]\n'),
    SHOP.replace('title: Shop', 'title: Store'),
  ];
  const statuses = [];
  for (const text of changes) {
    const before = service.app.definitions.current;
    service.write('shop.yaml', text);
    t.ok(await until(() => service.app.definitions.current !== before));
    statuses.push((await service.get(METRICS)).cacheStatus);
  }
  t.match(statuses[0], 'fwd=uri-miss', 'with a tag that its entry does not carry');
  t.match(statuses[1], 'hit', 'a title is no part of the content');
});

t.test(
  'definitions that break: the last good ones go on, readiness says so, and a repair heals it',
  async (t) => {
    const service = await reloading(t);
    const revenue = await revenueOf(service);
    t.same(await degradedOf(service), { status: 200, degraded: [] });
    const breaks = [
      SHOP.replace('type: line', 'type: lime'),
      SHOP.replace('FROM sites WHERE', 'FROM cities WHERE'),
      SHOP.replace('site_id = :site_id', 'site_id = :shop_id'),
      'id: [',
    ];
    for (const text of breaks) {
      service.write('shop.yaml', text);
      t.ok(
        await until(
          async () =>
            JSON.stringify(await degradedOf(service)) === '{"status":200,"degraded":["definitions"]}',
        ),
        'told by readiness, which stays 200',
      );
      const warm = await service.get(METRICS);
      t.match(warm.cacheStatus, 'hit; ttl=');
      t.match(warm.json(), { data: { revenue } });
      t.equal(
        (await service.get('/dashboards/shop/summary?site_id=11')).status,
        200,
        'what is cold is loaded as before',
      );
      t.match((await service.get('/dashboards')).text, '"id":"shop"');
      service.write('shop.yaml', SHOP);
      t.ok(
        await until(async () => JSON.stringify(await degradedOf(service)) === '{"status":200,"degraded":[]}'),
        'healed',
      );
    }
    t.equal(await revenueOf(service), revenue);
  },
);

t.test(
  'a dashboard that comes, and a panel that goes: the addresses follow, and reads of the gone stay in the sums',
  async (t) => {
    const service = await reloading(t);
    await service.get('/dashboards/prices/charts/list');
    const catalogue = await service.get('/dashboards');
    service.write('more.yaml', PRICES.replace('id: prices', 'id: more'));
    t.ok(await until(async () => (await service.get('/dashboards/more/metrics')).status === 200));
    service.write('prices.yaml', PRICES.slice(0, PRICES.indexOf('charts:')));
    t.ok(await until(async () => (await service.get('/dashboards/prices/charts/list')).status === 404));
    const changed = await service.get('/dashboards', {
      headers: { 'if-none-match': String(catalogue.headers.etag) },
    });
    t.equal(changed.status, 200, 'the catalogue has another tag');
    const { cache_stats, panels } = await statisticsOf(service);
    t.match(panels.at(-1), { dashboard: '(removed)', panel: '(removed)', title: null });
    const sum = panels.reduce((count, { total_requests }) => count + total_requests, 0);
    t.equal(sum, cache_stats.total_requests, 'the panels still add up');
  },
);

t.test(
  'SIGHUP: the process reads its definitions again, even where no file changed, and goes on',
  async (t) => {
    const folder = await shopFolder(t);
    const running = await builtService({ environment: { DASHCACHE_CONFIG: folder } });
    t.teardown(() => running.stop());
    const told = () => running.lines.filter((line) => line.includes('The definitions were reloaded')).length;
    t.equal(told(), 0);
    running.signal('SIGHUP');
    t.ok(await until(() => told() === 1));
    t.equal((await ask(running.url + METRICS)).status, 200);
    t.equal(await running.stop(), 0, 'it still stops as before');
  },
);
