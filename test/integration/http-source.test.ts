import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import {
  answer,
  bomb,
  coded,
  cut,
  cutChunked,
  drip,
  endless,
  garbage,
  hang,
  json,
  redirect,
  renewable,
  reset,
  type UpstreamReply,
} from '../helpers/scripted-upstream.js';
import { statisticsOf } from './support/counters.js';
import { HeldClock } from './support/held-clock.js';
import { METRICS, reportsService, SALES, TOKEN } from './support/reports.js';

const GOOD = JSON.stringify({ data: { orders: 3, revenue: 19.9 } });
const MIB = 1024 * 1024;

interface BadUpstream {
  readonly title: string;
  readonly reply: UpstreamReply;
  /** Of a read that has nothing stale. */
  readonly status: 502 | 503 | 504;
  readonly retryAfter?: string;
}

const nested = (depth: number) => `{"data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const BAD: readonly BadUpstream[] = [
  { title: 'a body cut short', reply: cut(GOOD, 10), status: 502 },
  { title: 'a chunked body cut short', reply: cutChunked(GOOD), status: 502 },
  {
    title: 'whole JSON, but not the announced length',
    reply: cut(`${GOOD}      `, GOOD.length),
    status: 502,
  },
  { title: '200 without a body', reply: answer({}), status: 502 },
  { title: '204', reply: answer({ status: 204 }), status: 502 },
  { title: '206', reply: answer({ status: 206, body: GOOD }), status: 502 },
  { title: '304 that nobody asked for', reply: answer({ status: 304 }), status: 502 },
  { title: '404', reply: answer({ status: 404, body: GOOD }), status: 502 },
  { title: '401', reply: answer({ status: 401, body: GOOD }), status: 502 },
  { title: '500', reply: answer({ status: 500, body: GOOD }), status: 502 },
  {
    title: '429 with Retry-After',
    reply: answer({ status: 429, headers: { 'retry-after': '7' } }),
    status: 503,
    retryAfter: '7',
  },
  {
    title: '503 with a Retry-After of a year',
    reply: answer({ status: 503, headers: { 'retry-after': '31536000' } }),
    status: 503,
    retryAfter: '3600',
  },
  { title: '502 of a gateway', reply: answer({ status: 502 }), status: 503, retryAfter: '5' },
  { title: 'a redirect to itself', reply: redirect('/reports/totals/north'), status: 502 },
  { title: 'a permanent redirect elsewhere', reply: redirect('http://127.0.0.1:1/', 301), status: 502 },
  { title: 'a drip', reply: drip(GOOD, 1000), status: 504 },
  { title: 'no answer at all', reply: hang, status: 504 },
  { title: 'a hang-up', reply: reset, status: 503, retryAfter: '5' },
  { title: 'something that is no HTTP', reply: garbage, status: 502 },
  { title: 'a br bomb of 200 MiB', reply: await bomb('br', 200 * MIB), status: 502 },
  { title: 'a gzip bomb of 100 MiB', reply: await bomb('gzip', 100 * MIB), status: 502 },
  { title: 'a body without an end', reply: endless('{"data":[1', ',1'), status: 502 },
  {
    title: 'text/html',
    reply: answer({ headers: { 'content-type': 'text/html' }, body: GOOD }),
    status: 502,
  },
  {
    title: 'JSON for a script',
    reply: answer({ headers: { 'content-type': 'text/json' }, body: GOOD }),
    status: 502,
  },
  { title: 'JSON of 10,000 levels', reply: answer({ body: nested(10_000) }), status: 502 },
  { title: 'no JSON', reply: answer({ body: `${GOOD}x` }), status: 502 },
  { title: 'no UTF-8', reply: answer({ body: Buffer.from([0x22, 0xff, 0x22]) }), status: 502 },
  {
    title: 'an unknown coding',
    reply: answer({ headers: { 'content-encoding': 'zstd' }, body: GOOD }),
    status: 502,
  },
  {
    title: 'gzip that is none',
    reply: answer({ headers: { 'content-encoding': 'gzip' }, body: GOOD }),
    status: 502,
  },
  { title: 'JSON without the rows', reply: json({ other: 1 }), status: 502 },
  { title: 'a list where one object is meant', reply: json({ data: [{ orders: 1 }] }), status: 502 },
  { title: 'a number where one object is meant', reply: json({ data: 7 }), status: 502 },
];

t.test(
  'a bad upstream and nothing to serve: a problem with the right status, and nothing told',
  async (t) => {
    const service = await reportsService(t, { clock: new HeldClock(), deadline: '100ms' });
    for (const [index, { title, reply, status, retryAfter }] of BAD.entries()) {
      const region = `bad${index}`;
      service.upstream.on(`/reports/totals/${region}`, reply);
      const got = await service.get(`${METRICS}?region=${region}`);
      t.equal(got.status, status, title);
      t.equal(got.headers['retry-after'], retryAfter, `${title}: Retry-After`);
      t.match(got.headers, { 'content-type': /problem\+json/, 'cache-control': 'no-store' });
      t.notMatch(got.text, /127\.0\.0\.1|reports\/totals|secret/, `${title}: no host, path or secret`);
      t.equal(service.upstream.callsOf(`/reports/totals/${region}`), 1, `${title}: asked once`);
    }
    t.ok(await service.upstream.isIdle(), 'nothing goes on upstream');
  },
);

t.test('a bad upstream and an old entry: it stays, is served as stale-if-error, and heals', async (t) => {
  const clock = new HeldClock();
  // The held clock's timers run at a twentieth of the pace: two seconds for those that never end.
  const service = await reportsService(t, { clock, deadline: '100ms' });
  const path = '/reports/totals/north';
  const first = await service.get(METRICS);
  t.match(first.cacheStatus, 'fwd=uri-miss; stored');
  for (const { title, reply } of BAD) {
    clock.shift(61_000);
    service.upstream.on(path, reply);
    const got = await service.get(METRICS);
    t.equal(got.status, 200, title);
    t.match(got.cacheStatus, 'detail=stale-if-error', title);
    t.ok(got.bytes.equals(first.bytes), `${title}: the same bytes`);
  }
  clock.shift(61_000);
  service.upstream.on(path, json({ data: { orders: 4, revenue: 20 } }));
  const healed = await service.get(METRICS);
  t.match(healed.cacheStatus, 'fwd=uri-miss; stored');
  t.match(healed.json(), { data: { orders: 4 } });
});

t.test('a host that is away: 503, readiness degraded, and healed by the next answer', async (t) => {
  const service = await reportsService(t);
  await service.get(METRICS);
  service.upstream.on('/reports/totals/north', reset);
  t.equal((await service.get(`${METRICS}?floor=1`)).status, 503);
  const degraded = (await service.get('/health/ready')).json();
  t.match(degraded, { degraded: [/legacy/] });
  t.notMatch(JSON.stringify(degraded), /127\.0\.0\.1/);
  service.upstream.on('/reports/totals/north', json({ data: { orders: 1 } }));
  t.equal((await service.get(`${METRICS}?floor=2`)).status, 200);
  t.same((await service.get('/health/ready')).json()['degraded'], []);
});

t.test('what is asked: the path with encoded values, the declared headers, and no more', async (t) => {
  const service = await reportsService(t);
  service.upstream.on('/reports/totals/a%2Fb%3F%20c', json({ data: { orders: 1 } }));
  t.equal((await service.get(`${METRICS}?region=a%2Fb%3F%20c&floor=7`)).status, 200);
  await service.get(METRICS);
  const chart = await service.get(SALES);
  t.match(chart.json(), {
    data: { type: 'line', labels: ['2026-01-01'], series: [{ name: 'total', values: [1] }] },
  });
  t.same(
    service.upstream.asked.map(({ target }) => target),
    [
      '/reports/totals/a%2Fb%3F%20c?floor=7',
      '/reports/totals/north',
      '/reports/sales/north?from=2026-01-01T00%3A00%3A00Z&to=2026-02-01T00%3A00%3A00Z',
    ],
  );
  const { headers } = service.upstream.asked[0] ?? {};
  t.match(headers, {
    authorization: `Bearer ${TOKEN}`,
    accept: 'application/json',
    'user-agent': 'dashcache',
  });
  t.equal(service.upstream.connectionsCount, 1, 'one connection was enough');
});

t.test('a value that would climb in the path: 400, counted nowhere, and nothing is asked', async (t) => {
  const service = await reportsService(t);
  for (const region of ['.', '..']) {
    const got = await service.get(`${METRICS}?region=${region}`);
    t.equal(got.status, 400);
    t.match(got.json(), { errors: [{ parameter: 'region' }] });
  }
  t.equal(service.upstream.asked.length, 0);
  t.match((await statisticsOf(service)).cache_stats, { total_requests: 0, errors: 0 });
});

t.test('no-store: whoever waits is answered, nothing is kept, and what was kept before goes', async (t) => {
  const clock = new HeldClock();
  const service = await reportsService(t, { clock });
  const path = '/reports/totals/north';
  await service.get(METRICS);
  t.match((await service.get(METRICS)).cacheStatus, 'detail=l1');
  clock.shift(61_000);
  service.upstream.on(path, json({ data: { orders: 8 } }, { 'cache-control': 'private, No-Store' }));
  for (let i = 1; i <= 3; i++) {
    const got = await service.get(METRICS);
    t.match(got.json(), { data: { orders: 8 } });
    t.equal(got.cacheStatus, 'dashcache; fwd=uri-miss');
    t.equal(got.headers['cache-control'], 'no-store', 'no browser keeps it either');
    t.equal(service.upstream.callsOf(path), 1 + i);
  }
  t.equal((await service.get('/dashboards/reports')).headers['cache-control'], 'no-store');
  service.upstream.on(path, reset);
  t.equal((await service.get(METRICS)).status, 503, 'old data does not come back');
});

t.test(
  'a tag: renewed without a body, equal bytes and ETag, and changed content comes through',
  async (t) => {
    const clock = new HeldClock();
    const service = await reportsService(t, { clock });
    const path = '/reports/totals/north';
    service.upstream.on(path, renewable({ data: { orders: 3 } }, '"v1"'));
    const first = await service.get(METRICS);
    clock.shift(61_000);
    const renewed = await service.get(METRICS);
    t.match(renewed.cacheStatus, 'fwd=uri-miss; stored');
    t.equal(renewed.headers.etag, first.headers.etag);
    t.ok(renewed.bytes.equals(first.bytes));
    const known = () => service.upstream.asked.map(({ headers }) => headers['if-none-match']);
    t.same(known(), [undefined, '"v1"']);
    clock.shift(61_000);
    service.upstream.on(path, renewable({ data: { orders: 4 } }, '"v2"'));
    t.match((await service.get(METRICS)).json(), { data: { orders: 4 } });
    t.same(known(), [undefined, '"v1"', '"v1"']);
  },
);

t.test('an endpoint that answers with nothing: an empty chart, and null for metrics', async (t) => {
  const service = await reportsService(t);
  service.upstream.on('/reports/sales/north', json({ data: [] }));
  service.upstream.on('/reports/totals/north', json({ data: null }));
  t.match((await service.get(SALES)).json(), { data: { type: 'line', labels: [], series: [] } });
  t.same((await service.get(METRICS)).json()['data'], null);
});

t.test('compressed answers are decoded, numbers keep their digits', async (t) => {
  const service = await reportsService(t);
  const body = '{"data":{"big":9007199254740993,"price":0.10,"at":"2026-01-01"}}';
  for (const [index, reply] of [coded('br', body), coded('gzip', body)].entries()) {
    service.upstream.on(`/reports/totals/r${index}`, reply);
    t.same((await service.get(`${METRICS}?region=r${index}`)).json()['data'], {
      big: '9007199254740993',
      price: 0.1,
      at: '2026-01-01',
    });
  }
});

t.test('the service stops while the endpoint hangs: at once, and hung up', async (t) => {
  const service = await reportsService(t);
  service.upstream.on('/reports/totals/north', hang);
  const waiting = service.get(METRICS).catch(() => null);
  while (service.upstream.openCount === 0) await sleep(5);
  t.ok((await service.stop()) < 2000);
  await waiting;
  t.ok(await service.upstream.isIdle());
});
