import t, { type Test } from 'tap';
import { type Clock, systemClock } from '../../services/clock.js';
import { startRedis } from '../helpers/redis-server.js';
import type { Answer } from './support/ask.js';
import { historyOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { SHOP_PANELS, SITES_COUNT, shopFolder, TTL_MS } from './support/shop.js';
import { until } from './support/until.js';

const DATA_ROUTES = [
  '/dashboards',
  '/dashboards/shop/options/site_id',
  '/dashboards/shop?site_id=7',
  ...SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=7`),
  '/dashboards/prices',
  '/dashboards/prices/charts/list',
];

async function withRedis(t: Test, clock: Clock = systemClock): Promise<ListeningApp> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await shopFolder(t);
  return listeningApp(t, { folder, environment: { REDIS_URL: redis.url }, clock });
}

t.test(
  'every data route, asked again: GET, HEAD and 304 agree, and every coding holds the same bytes',
  async (t) => {
    const service = await withRedis(t);
    for (const path of DATA_ROUTES)
      await t.test(path, async (t) => {
        await service.get(path);
        const get = await service.get(path);
        t.equal(get.status, 200);
        t.match(get.headers['content-type'], 'application/json');
        t.match(get.headers.etag, /^"[\w-]+"$/, 'a strong tag');
        t.match(get.headers.vary, 'Accept-Encoding');
        await sameBytes(t, service, path);

        const head = await service.get(path, { method: 'HEAD' });
        t.equal(head.status, 200);
        t.equal(head.bytes.length, 0);
        for (const name of ['etag', 'content-length', 'content-type', 'cache-control', 'vary'])
          t.equal(head.headers[name], get.headers[name], name);
      });
  },
);

/** All codings decode to the identity bytes; each has a tag of its own, which gives 304 whatever is asked for. */
async function sameBytes(t: Test, service: ListeningApp, path: string): Promise<void> {
  const plain = await service.get(path);
  t.equal(plain.headers['content-encoding'], undefined);
  const isCoded = plain.bytes.length > 1024;
  const tags = new Set<string>();
  for (const coding of ['identity', 'gzip', 'br']) {
    const headers = { 'accept-encoding': coding };
    const coded = await service.get(path, { headers });
    t.equal(coded.headers['content-encoding'], isCoded && coding !== 'identity' ? coding : undefined);
    t.equal(coded.headers['content-length'], String(coded.bytes.length));
    t.ok(coded.plain.equals(plain.bytes), `${coding} holds the same bytes`);
    tags.add(String(coded.headers.etag));
    for (const held of [coded.headers.etag, `"other", W/${coded.headers.etag}`, '*']) {
      const kept = await service.get(path, {
        headers: { 'if-none-match': String(held), 'accept-encoding': 'br' },
      });
      t.equal(kept.status, 304, `${held} gives 304`);
      t.equal(kept.bytes.length, 0);
      t.equal(kept.headers['cache-control'], plain.headers['cache-control']);
    }
  }
  t.equal(tags.size, isCoded ? 3 : 1);
  const other = await service.get(path, { headers: { 'if-none-match': '"other"' } });
  t.equal(other.status, 200);
}

t.test('what the data routes give is what the database holds', async (t) => {
  const service = await withRedis(t);
  const catalogue = (await service.get('/dashboards')).json<{
    dashboards: { id: string; tenant: string }[];
  }>();
  t.same(
    catalogue.dashboards.map(({ id, tenant }) => [id, tenant]),
    [
      ['prices', null],
      ['shop', 'site_id'],
    ],
  );
  const { options } = (await service.get('/dashboards/shop/options/site_id')).json<{ options: object[] }>();
  t.equal(options.length, SITES_COUNT);
  t.same(options[6], { value: 7, label: 'Site 7' });

  const metrics = await service.get('/dashboards/shop/metrics?site_id=7');
  t.match(metrics.json(), {
    dashboard: 'shop',
    panel: 'metrics',
    params: { site_id: 7, period: '2026-01-01T00:00:00Z/2026-07-01T00:00:00Z' },
    generated_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    data: { sales: 1000 },
  });
  t.match(
    metrics.headers['cache-control'],
    /^private, max-age=0, stale-while-revalidate=5, stale-if-error=60$/,
  );
  const byDay = (await service.get('/dashboards/shop/charts/by_day?site_id=7')).json<Chart>();
  t.equal(byDay.data.labels.length, 181);
  t.equal(byDay.data.labels[0], '2026-01-01');
  t.equal(total(byDay), metrics.json<{ data: { revenue: number } }>().data.revenue);
  t.same((await service.get('/dashboards/shop/summary?site_id=7')).json()['data'], {
    name: 'Site 7',
    city: 'Town 6',
  });

  const open = await service.get('/dashboards/prices/metrics');
  t.same(open.json()['data'], { articles: 2, total: 7 });
  t.match(open.headers['cache-control'], /^public, /);
  const whole = (await service.get('/dashboards/shop?site_id=7')).json<Whole>();
  t.same(whole.panels.metrics, metrics.json());
  t.same(Object.keys(whole.panels.charts), ['by_day', 'by_kind']);
});

interface Chart {
  readonly data: { readonly labels: string[]; readonly series: { values: number[] }[] };
}

interface Whole {
  readonly panels: {
    readonly metrics: object;
    readonly charts: Record<string, object>;
    readonly summary: object;
  };
}

function total({ data }: Chart): number {
  return (data.series[0]?.values ?? []).reduce((sum, value) => sum + value, 0);
}

t.test(
  'reads of a panel that ages, and of a whole dashboard: the headers say how each was answered, to the second',
  async (t) => {
    const clock = new HeldClock();
    const service = await withRedis(t, clock);
    const path = '/dashboards/shop/metrics?site_id=3';
    const first = await service.get(path);
    t.equal(first.cacheStatus, 'dashcache; fwd=uri-miss; stored; ttl=600');
    t.equal(first.headers.age, '0');
    clock.shift(12_300);
    const second = await service.get(path);
    t.equal(second.cacheStatus, 'dashcache; hit; ttl=587; detail=l1');
    t.equal(second.headers.age, '12');
    const partly = await service.get('/dashboards/shop?site_id=3');
    t.equal(partly.cacheStatus, 'dashcache; fwd=uri-miss');
    t.equal(partly.headers.age, '12', 'of the oldest panel');
    const missed = ['charts/by_day', 'charts/by_kind', 'summary'].map(
      (panel) => `${panel};fwd=uri-miss;age=0;layer=source`,
    );
    t.equal(partly.headers['dashcache-panels'], ['metrics;hit;age=12;layer=l1', ...missed].join(', '));
    t.equal((await service.get('/dashboards/shop?site_id=3')).cacheStatus, 'dashcache; hit; ttl=587');
    clock.shift(TTL_MS);
    const stale = await service.get(path);
    t.equal(stale.cacheStatus, 'dashcache; hit; ttl=-13; detail=l1');
    t.equal(stale.headers.age, '612');
    t.ok(stale.bytes.equals(first.bytes));
    t.ok(
      await until(async () => (await service.get(path)).cacheStatus === 'dashcache; hit; ttl=600; detail=l1'),
    );
    const renewed = await service.get(path);
    t.equal(renewed.headers.age, '0');
    t.ok(renewed.bytes.equals(first.bytes), 'equal data keep their bytes, generated_at included');
    t.equal(renewed.headers.etag, first.headers.etag);
  },
);

t.test(
  'the routes of operation: statistics with and without the last slash, history, Prometheus and health',
  async (t) => {
    const service = await withRedis(t);
    await service.get('/dashboards/shop?site_id=1');
    await service.get('/dashboards/shop?site_id=1');
    const [slash, bare] = [
      await service.get('/reports/cache-statistics/'),
      await service.get('/reports/cache-statistics'),
    ];
    for (const answer of [slash, bare]) {
      t.equal(answer.status, 200);
      t.match(answer.json(), {
        enabled: true,
        reach: 'cluster',
        cache_stats: { total_requests: 8, hits: 4, misses: 4, bypasses: 0, errors: 0, hit_rate: 50 },
        recommendation: 'Lengthen TTLs or warm the cache',
        sources: [
          {
            name: 'main',
            queries: 4,
            failures: 0,
            refusals: 0,
            budget_waits: 0,
            budget_refusals: 0,
            queries_per_minute: 4,
          },
        ],
      });
    }
    t.match(await historyOf(service), {
      reach: 'cluster',
      minutes: [{ requests: 8, hits: 4, misses: 4, source_queries: 4 }],
    });
    const prometheus = await service.get('/metrics');
    t.match(prometheus.headers['content-type'], 'text/plain; version=0.0.4');
    t.match(
      prometheus.text,
      'dashcache_reads_total{dashboard="shop",panel="metrics",outcome="hit",layer="l1"} 1\n',
    );
    t.same((await service.get('/health/live')).json(), { status: 'live' });
    t.same((await service.get('/health/ready')).json(), { status: 'ready', degraded: [] });
    for (const path of ['/reports/cache-statistics/', '/reports/cache-history', '/metrics', '/health/live']) {
      const head = await service.get(path, { method: 'HEAD' });
      t.equal(head.status, 200, path);
      t.equal(head.bytes.length, 0);
    }
  },
);

t.test('what is not there is a problem with no-store, whatever the route', async (t) => {
  const service = await withRedis(t);
  const unknown: readonly (readonly [path: string, status: number, code: string])[] = [
    ['/nowhere', 404, 'route_unknown'],
    ['/dashboards/none', 404, 'dashboard_unknown'],
    ['/dashboards/none/metrics', 404, 'dashboard_unknown'],
    ['/dashboards/shop/charts/none?site_id=1', 404, 'panel_unknown'],
    ['/dashboards/shop/options/period', 404, 'parameter_unknown'],
    ['/dashboards/prices/summary', 404, 'panel_unknown'],
    ['/dashboards/shop/metrics', 400, 'parameters_invalid'],
  ];
  for (const [path, status, code] of unknown) problem(t, await service.get(path), { path, status, code });
  const posted = await service.get('/dashboards/shop/metrics?site_id=1', { method: 'POST' });
  problem(t, posted, { path: 'POST', status: 405, code: 'method_not_allowed' });
  t.equal(posted.headers.allow, 'GET, HEAD');
});

function problem(
  t: Test,
  answer: Answer,
  { path, status, code }: { path: string; status: number; code: string },
) {
  t.equal(answer.status, status, path);
  t.match(answer.headers, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  t.match(answer.json(), { status, code, title: String, detail: String, request_id: String });
}
