import t, { type Test } from 'tap';
import { buildApp } from '../app.js';
import { ManualClock } from './helpers/manual-clock.js';
import { startRedis } from './helpers/redis-server.js';
import { smallConfig, smallFolder } from './plugins/fixtures/small-service.js';

async function smallApp(
  t: Test,
  environment: Record<string, string> = {},
  extra: Record<string, string> = {},
) {
  const clock = new ManualClock();
  const app = await buildApp(smallConfig(smallFolder(t, extra), environment), { clock, random: () => 0 });
  t.teardown(() => app.close());
  return { app, clock };
}

async function statistics(app: { inject(url: string): Promise<{ json(): unknown }> }) {
  const body = (await app.inject('/reports/cache-statistics/')).json();
  return body as {
    enabled: boolean;
    cache_stats: Record<string, number>;
    sources: { name: string; queries: number }[];
  };
}

t.test('the second read of every panel is a hit with the same bytes and no source query', async (t) => {
  const { app } = await smallApp(t);
  const paths = [
    '/dashboards/work/metrics?site_id=7',
    '/dashboards/work/charts/tasks?site_id=7&status=pending',
    '/dashboards/work/summary?site_id=7',
    '/dashboards/open/charts/states',
    '/dashboards/work?site_id=8',
    '/dashboards/work/options/site_id',
  ];
  const first = new Map<string, Buffer>();
  for (const url of paths) {
    const response = await app.inject(url);
    t.equal(response.statusCode, 200, url);
    t.match(response.headers['cache-status'], 'fwd=uri-miss', url);
    first.set(url, response.rawPayload);
  }
  const queries = (await statistics(app)).sources[0]?.queries;
  t.ok(queries);
  for (const url of paths) {
    const response = await app.inject(url);
    t.match(response.headers['cache-status'], /^dashcache; hit; ttl=\d+/, url);
    t.same(response.rawPayload, first.get(url), url);
  }
  t.equal((await statistics(app)).sources[0]?.queries, queries);
});

t.test('a tenant sees its own rows alone', async (t) => {
  const { app } = await smallApp(t);
  for (const [site, name] of [
    ['7', 'North'],
    ['8', 'South'],
  ]) {
    const response = await app.inject(`/dashboards/work/summary?site_id=${site}`);
    t.same(response.json().data, { name });
    t.same(response.json().params, { site_id: Number(site) });
  }
});

t.test('the counters add up to the unit after a known mix', async (t) => {
  const { app } = await smallApp(t);
  await app.inject('/dashboards/work/metrics?site_id=7');
  await app.inject('/dashboards/work/metrics?site_id=7');
  await app.inject('/dashboards/work?site_id=7');
  const { headers } = await app.inject('/dashboards/work/summary?site_id=7');
  await app.inject({
    url: '/dashboards/work/summary?site_id=7',
    headers: { 'if-none-match': String(headers.etag) },
  });
  await app.inject('/dashboards/work/summary');
  await app.inject('/dashboards/none/summary');
  const { cache_stats: stats } = await statistics(app);
  t.match(stats, { total_requests: 7, hits: 4, misses: 3, bypasses: 0, errors: 0, hit_rate: 57.14 });
});

t.test('statistics answer with and without the last slash, and history tells the minutes', async (t) => {
  const { app, clock } = await smallApp(t);
  await app.inject('/dashboards/open');
  for (const url of ['/reports/cache-statistics', '/reports/cache-statistics/']) {
    const response = await app.inject(url);
    t.equal(response.statusCode, 200);
    t.equal(response.json().cache_stats.total_requests, 1);
    t.equal(response.headers['cache-control'], 'no-cache', 'the default of the scope');
  }
  clock.advance(60_000);
  const minutes = (await app.inject('/reports/cache-history')).json().minutes;
  t.equal(minutes[0].requests, 1);
  const from = new Date(clock.nowMs() + 60_000).toISOString();
  t.same((await app.inject(`/reports/cache-history?from=${from}&to=${from}`)).json().minutes, []);
  const wrong = await app.inject('/reports/cache-history?from=yesterday');
  t.equal(wrong.statusCode, 400);
  t.match(wrong.json().errors, [{ parameter: 'from' }]);
});

t.test('Prometheus is told the reads by panel', async (t) => {
  const { app } = await smallApp(t);
  await app.inject('/dashboards/open');
  const response = await app.inject('/metrics');
  t.match(response.headers['content-type'], 'text/plain; version=0.0.4');
  t.match(
    response.body,
    'dashcache_reads_total{dashboard="open",panel="charts/states",outcome="miss",layer="source"} 1',
  );
});

t.test('without monitoring nothing is told, and data answers stay as they are', async (t) => {
  const { app } = await smallApp(t, { CACHE_MONITORING: 'false' });
  const first = await app.inject('/dashboards/open');
  const again = await app.inject({
    url: '/dashboards/open',
    headers: { 'if-none-match': String(first.headers.etag) },
  });
  t.equal(again.statusCode, 304);
  t.same((await app.inject('/reports/cache-statistics/')).json(), { enabled: false });
  t.same((await app.inject('/reports/cache-history')).json(), { enabled: false });
  t.equal((await app.inject('/metrics')).statusCode, 200);
});

t.test('with the cache off every read asks the source and says so', async (t) => {
  const { app } = await smallApp(t, { CACHE_ENABLED: 'false' });
  for (let i = 0; i < 2; i++) {
    const panel = await app.inject('/dashboards/open/charts/states');
    t.equal(panel.headers['cache-status'], 'dashcache; fwd=bypass');
    const whole = await app.inject('/dashboards/open');
    t.equal(whole.headers['cache-status'], 'dashcache; fwd=bypass');
  }
  const { cache_stats: stats, sources } = await statistics(app);
  t.match(stats, { total_requests: 4, bypasses: 4, hit_rate: 0 });
  t.equal(sources[0]?.queries, 4);
});

t.test('everything lies under BASE_PATH, and nothing beside it', async (t) => {
  const { app } = await smallApp(t, { BASE_PATH: '/dash' });
  for (const path of ['/dashboards', '/dashboards/open', '/health/ready', '/metrics'])
    t.equal((await app.inject(`/dash${path}`)).statusCode, 200, path);
  for (const path of ['/dashboards', '/health/ready', '/', '/monitoring', '/assets/x.js'])
    t.equal((await app.inject(path)).statusCode, 404, path);
});

t.test('health says live always, and ready with what is degraded', async (t) => {
  const { app } = await smallApp(t, { REDIS_URL: 'redis://127.0.0.1:1' });
  t.same((await app.inject('/health/live')).json(), { status: 'live' });
  const ready = await app.inject('/health/ready');
  t.equal(ready.statusCode, 200);
  t.same(ready.json(), { status: 'ready', degraded: ['redis'] });
  t.equal((await app.inject('/dashboards/open')).statusCode, 200, 'serves without Redis');
  app.lifecycle.drain();
  const draining = await app.inject('/health/ready');
  t.equal(draining.statusCode, 503);
  t.equal(draining.json().code, 'starting_or_draining');
  t.equal((await app.inject('/dashboards/open')).statusCode, 200, 'what still arrives is answered');
});

t.test('an l1 hit, an l2 hit and a miss give the same bytes', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = smallFolder(t);
  const open = () => buildApp(smallConfig(folder, { REDIS_URL: redis.url }), { random: () => 0 });
  const url = '/dashboards/work/charts/tasks?site_id=7';
  const read = async (app: Awaited<ReturnType<typeof buildApp>>, coding: string) => {
    const response = await app.inject({ url, headers: { 'accept-encoding': coding } });
    return {
      status: response.headers['cache-status'],
      bytes: response.rawPayload,
      headers: response.headers,
    };
  };
  const one = await open();
  t.teardown(() => one.close());
  const miss = await read(one, 'br');
  t.match(miss.status, 'fwd=uri-miss; stored');
  t.equal(miss.headers['content-encoding'], 'br');
  const l1 = await read(one, 'br');
  t.match(l1.status, 'detail=l1');
  t.same(l1.bytes, miss.bytes);
  const plain = await read(one, 'identity');
  const two = await open();
  t.teardown(() => two.close());
  const l2 = await read(two, 'identity');
  t.match(l2.status, 'detail=l2');
  t.same(l2.bytes, plain.bytes);
  t.equal(l2.headers.etag, plain.headers.etag);
  t.same((await read(two, 'br')).bytes, miss.bytes);
  const whole = await two.inject('/dashboards/work?site_id=7');
  t.match(whole.headers['dashcache-panels'], /charts\/tasks;hit;age=\d+;layer=l1/);
});

t.test('every error on every route is a problem that nobody keeps', async (t) => {
  const { app } = await smallApp(t, { CORS_ORIGINS: 'https://intranet.example' });
  const routes = [
    '/dashboards',
    '/dashboards/open',
    '/dashboards/work/metrics?site_id=7',
    '/dashboards/work/summary?site_id=7',
    '/dashboards/open/charts/states',
    '/dashboards/work/options/site_id',
    '/reports/cache-statistics',
    '/reports/cache-statistics/',
    '/reports/cache-history',
    '/metrics',
    '/health/live',
    '/health/ready',
  ];
  const isProblem = (response: Awaited<ReturnType<typeof app.inject>>, label: string) => {
    t.equal(response.headers['content-type'], 'application/problem+json', label);
    t.equal(response.headers['cache-control'], 'no-store', label);
    t.equal(response.headers['x-content-type-options'], 'nosniff', label);
    t.notOk(response.headers.etag, label);
  };
  for (const url of routes) {
    t.equal((await app.inject(url)).statusCode, 200, url);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'] as const) {
      const response = await app.inject({
        method: method as 'POST',
        url,
        payload: '{broken',
        headers: { 'content-type': 'x/y' },
      });
      // A preflight that asks for nothing is CORS's own affair.
      if (method === 'OPTIONS') continue;
      t.equal(response.statusCode, 405, `${method} ${url}`);
      t.equal(response.headers.allow, 'GET, HEAD', `${method} ${url}`);
      isProblem(response, `${method} ${url}`);
    }
    isProblem(await app.inject(`${url.replace('?', '/nothing?')}/nothing`), `${url}/nothing`);
  }
  for (const url of [
    '/dashboards/work/metrics',
    '/dashboards/work?site_id=1e400',
    '/dashboards/work?site_id=7&site_id=8',
    '/dashboards/work?site_id[]=7',
    '/dashboards/work/metrics?site_id=%00',
    '/dashboards/work/metrics?site_id=%ud800',
    '/dashboards/open?x=1',
    '/dashboards/%',
    `/dashboards/${'x'.repeat(500)}`,
    '/reports/cache-history?to=x',
  ]) {
    const response = await app.inject(url);
    t.ok([400, 404].includes(response.statusCode), `${url.slice(0, 50)}: ${response.statusCode}`);
    isProblem(response, url);
  }
});

t.test('pages of the named websites may read the answers, others may not', async (t) => {
  const { app } = await smallApp(t, { CORS_ORIGINS: 'https://intranet.example' });
  const from = (origin: string) => app.inject({ url: '/dashboards/open', headers: { origin } });
  const named = await from('https://intranet.example');
  t.equal(named.headers['access-control-allow-origin'], 'https://intranet.example');
  t.match(named.headers['access-control-expose-headers'], 'cache-status');
  t.equal(named.headers.vary, 'Origin, Accept-Encoding');
  t.equal(named.headers['cross-origin-resource-policy'], 'cross-origin');
  t.equal((await from('https://elsewhere.example')).headers['access-control-allow-origin'], undefined);
});
