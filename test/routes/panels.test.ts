import t from 'tap';
import { DashcacheError } from '../../errors.js';
import { fakeApp } from './fixtures/fake-app.js';

const METRICS = '/dashboards/operations/metrics?site_id=7';

t.test('a panel is answered with its bytes and all that tells of its freshness', async (t) => {
  const { app, reader, clock } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject(METRICS);
  t.equal(response.statusCode, 200);
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8');
  t.match(response.headers, {
    'cache-status': 'dashcache; hit; ttl=120; detail=l1',
    age: '12',
    'cache-control': 'private, max-age=0, stale-while-revalidate=5, stale-if-error=60',
    vary: 'Accept-Encoding',
  });
  t.match(response.headers.etag, /^"[\w-]+"$/);
  t.equal(reader.asked[0]?.tenant.text, '7');
  t.same(response.json().data.tenant, '7');
  t.same(response.json().params, { site_id: '7', period: response.json().params.period });
  clock.advance(1500);
  t.equal((await app.inject(METRICS)).headers['cache-status'], 'dashcache; hit; ttl=120; detail=l1');
});

t.test('every route of a panel reads its own panel', async (t) => {
  const { app } = await fakeApp();
  t.teardown(() => app.close());
  for (const id of ['metrics', 'summary', 'charts/tasks', 'charts/work_orders']) {
    const response = await app.inject(`/dashboards/operations/${id}?site_id=7`);
    t.equal(response.statusCode, 200, id);
    t.equal(response.json().panel, id);
  }
  const open = await app.inject('/dashboards/open/summary');
  t.match(open.headers['cache-control'], /^public, /, 'no tenant decides what is seen');
  t.same(open.json().data.tenant, null);
});

t.test('each coding has its own bytes and tag, and any of the tags gives 304', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  reader.fillingCount = 5000;
  const plain = await app.inject(METRICS);
  const etags = new Map<string, string>();
  for (const coding of ['br', 'gzip']) {
    const coded = await app.inject({ url: METRICS, headers: { 'accept-encoding': coding } });
    t.equal(coded.headers['content-encoding'], coding);
    t.ok(coded.rawPayload.length < 1000);
    t.equal(coded.headers['content-length'], String(coded.rawPayload.length));
    etags.set(coding, String(coded.headers.etag));
  }
  t.equal(plain.headers['content-encoding'], undefined);
  etags.set('identity', String(plain.headers.etag));
  t.equal(new Set(etags.values()).size, 3, 'three strong tags');
  for (const held of etags.values()) {
    for (const ifNoneMatch of [held, `W/${held}`, `"other", ${held}`]) {
      const headers = { 'if-none-match': ifNoneMatch, 'accept-encoding': 'br' };
      const response = await app.inject({ url: METRICS, headers });
      t.equal(response.statusCode, 304, ifNoneMatch);
      t.equal(response.headers.etag, held, 'names the one that the reader holds');
      t.equal(response.body, '');
      t.equal(response.headers['content-length'], undefined);
      t.equal(response.headers['content-encoding'], undefined);
      t.match(response.headers, { age: '12', vary: 'Accept-Encoding', 'cache-control': /^private/ });
      t.match(response.headers['cache-status'], 'dashcache; hit; ttl=120; detail=l1');
    }
  }
  const any = await app.inject({ url: METRICS, headers: { 'if-none-match': '*', 'accept-encoding': 'br' } });
  t.equal(any.statusCode, 304);
  t.equal(any.headers.etag, etags.get('br'));
  const other = await app.inject({
    url: '/dashboards/operations/metrics?site_id=8',
    headers: { 'if-none-match': [...etags.values()].join(', ') },
  });
  t.equal(other.statusCode, 200, 'the tags of another tenant');
  t.equal(other.json().data.tenant, '8');
});

t.test('a small body is sent plain whatever coding is asked for', async (t) => {
  const { app } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject({ url: METRICS, headers: { 'accept-encoding': 'br, gzip' } });
  t.equal(response.headers['content-encoding'], undefined);
  t.equal(response.json().panel, 'metrics');
});

t.test('HEAD answers as GET, without a body', async (t) => {
  const { app } = await fakeApp();
  t.teardown(() => app.close());
  const get = await app.inject(METRICS);
  const head = await app.inject({ method: 'HEAD', url: METRICS });
  t.equal(head.statusCode, 200);
  t.equal(head.body, '');
  for (const name of ['content-length', 'etag', 'age', 'cache-status', 'cache-control', 'vary'])
    t.equal(head.headers[name], get.headers[name], name);
});

const FAILURES = [
  ['source_deadline', 504, undefined],
  ['source_wrong_answer', 502, undefined],
  ['source_overloaded', 503, '3'],
  ['source_down', 503, '3'],
] as const;
for (const [code, status, retryAfter] of FAILURES) {
  t.test(`${code} is a ${status} that tells nothing of the source`, async (t) => {
    const { app, reader, log } = await fakeApp();
    t.teardown(() => app.close());
    const cause = new Error('connect ECONNREFUSED db.internal:5432 SELECT secret FROM t');
    const retry = retryAfter === undefined ? {} : { retryAfterSeconds: 2.5 };
    reader.told.set('metrics', new DashcacheError(code, { cause, ...retry }));
    const response = await app.inject(METRICS);
    t.equal(response.statusCode, status);
    t.equal(response.headers['content-type'], 'application/problem+json');
    t.equal(response.headers['cache-control'], 'no-store');
    t.equal(response.headers['retry-after'], retryAfter);
    for (const name of ['etag', 'age', 'cache-status']) t.equal(response.headers[name], undefined, name);
    t.equal(response.json().code, code);
    t.notMatch(response.body, /SELECT|db\.internal|ECONNREFUSED|\.ts:\d+/);
    const line = log.find((each) => each['code'] === code);
    t.equal(line?.['reqId'], response.json().request_id, 'log and problem share the id');
    t.match(JSON.stringify(line), 'db.internal', 'the log has the reason');
  });
}

t.test('a 503 that cannot say when to come back asks for a few seconds', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  reader.told.set('metrics', new DashcacheError('source_down'));
  t.equal((await app.inject(METRICS)).headers['retry-after'], '5');
});

t.test('an error that nobody meant is a 500 that tells nothing', async (t) => {
  const { app, reader, log } = await fakeApp();
  t.teardown(() => app.close());
  reader.told.set('metrics', new TypeError('Cannot read properties of undefined (reading secret)'));
  const response = await app.inject(METRICS);
  t.equal(response.statusCode, 500);
  t.equal(response.json().code, 'internal');
  t.notMatch(response.body, 'secret');
  t.ok(log.some((line) => line['level'] === 50 && JSON.stringify(line).includes('reading secret')));
});

t.test('one read per request is recorded, with its outcome, layer and latency', async (t) => {
  const { app, reader, reads } = await fakeApp();
  t.teardown(() => app.close());
  const outcomes = [
    ['hit', 'l1'],
    ['hit', 'l2'],
    ['stale_hit', 'l1'],
    ['error_hit', 'l1'],
    ['unproven_hit', 'l1'],
    ['miss', 'source'],
    ['collapsed', 'source'],
    ['bypass', 'source'],
  ] as const;
  for (const [outcome, layer] of outcomes) {
    reader.told.set('metrics', { outcome, layer });
    await app.inject(METRICS);
    t.match(reads.at(-1), { dashboardId: 'operations', panelId: 'metrics', outcome, layer, latencyMs: 0 });
  }
  reader.told.set('metrics', new DashcacheError('source_down'));
  await app.inject(METRICS);
  t.match(reads.at(-1), { outcome: 'error', layer: 'source' });
  t.equal(reads.length, outcomes.length + 1, 'one each');

  reader.told.set('metrics', {});
  const { etag } = (await app.inject(METRICS)).headers;
  await app.inject({ url: METRICS, headers: { 'if-none-match': String(etag) } });
  await app.inject({ method: 'HEAD', url: METRICS });
  t.equal(reads.length, outcomes.length + 4, '304 and HEAD count as their read');

  for (const url of [
    '/dashboards/operations/metrics',
    '/dashboards/operations/metrics?site_id=x',
    '/dashboards/operations/charts/none?site_id=7',
    '/dashboards/none/metrics',
    '/dashboards',
    '/dashboards/operations/options/site_id',
  ])
    await app.inject(url);
  t.equal(reads.length, outcomes.length + 4, '400, 404, catalogue and options count nowhere');
});

t.test('the latency of a read runs from the first hook to the last', async (t) => {
  const { app, reader, reads, clock } = await fakeApp();
  t.teardown(() => app.close());
  const read = reader.read.bind(reader);
  reader.read = async (request) => {
    clock.advance(250);
    return read(request);
  };
  await app.inject(METRICS);
  t.equal(reads[0]?.latencyMs, 250);
});

t.test('without monitoring nothing is recorded, and headers and 304 stay', async (t) => {
  const { app, reads } = await fakeApp({ monitoring: false });
  t.teardown(() => app.close());
  const response = await app.inject(METRICS);
  t.match(response.headers['cache-status'], 'dashcache; hit');
  const headers = { 'if-none-match': String(response.headers.etag) };
  t.equal((await app.inject({ url: METRICS, headers })).statusCode, 304);
  t.same(reads, []);
});

t.test('bytes that cannot be made are a 500, not half an answer', async (t) => {
  const { app, reader, reads } = await fakeApp();
  t.teardown(() => app.close());
  const read = reader.read.bind(reader);
  reader.read = async (request) => {
    const answer = await read(request);
    answer.entry.body.ready = () => undefined;
    answer.entry.body.bytes = () => Promise.reject(new Error('does not decompress'));
    return answer;
  };
  const response = await app.inject(METRICS);
  t.equal(response.statusCode, 500);
  t.equal(response.headers['content-type'], 'application/problem+json');
  t.equal(response.headers['cache-control'], 'no-store');
  t.equal(response.headers.etag, undefined);
  t.equal(reads.length, 1, 'the read is counted once');
});
