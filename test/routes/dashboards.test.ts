import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { DashcacheError } from '../../errors.js';
import { fakeApp } from './fixtures/fake-app.js';

const OPERATIONS = '/dashboards/operations?site_id=7';

t.test('a dashboard holds each of its panels exactly as the panel itself is answered', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject(OPERATIONS);
  t.equal(response.statusCode, 200);
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8');
  const body = response.json();
  t.same(Object.keys(body), ['dashboard', 'params', 'panels']);
  t.equal(body.dashboard, 'operations');
  t.same(Object.keys(body.params), ['site_id', 'period', 'status']);
  t.equal(body.params.site_id, 7);
  t.equal(body.params.status, null);
  t.same(Object.keys(body.panels), ['metrics', 'charts', 'summary']);
  t.same(Object.keys(body.panels.charts), ['tasks', 'work_orders']);
  const alone = async (id: string) => (await app.inject(`/dashboards/operations/${id}?site_id=7`)).json();
  t.same(body.panels.metrics, await alone('metrics'));
  t.same(body.panels.charts.tasks, await alone('charts/tasks'));
  t.same(body.panels.charts.work_orders, await alone('charts/work_orders'));
  t.same(body.panels.summary, await alone('summary'));
  for (const asked of reader.asked) t.equal(asked.tenant.text, '7');
});

t.test('a dashboard without metrics still has the object of its charts', async (t) => {
  const { app } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject('/dashboards/open');
  t.same(response.json().params, {});
  t.same(Object.keys(response.json().panels), ['charts', 'summary']);
  t.match(response.headers['cache-control'], /^public/);
});

t.test('its headers are those of its oldest panel, and a hit only if all are', async (t) => {
  const { app, reader, reads } = await fakeApp();
  t.teardown(() => app.close());
  reader.told.set('summary', { ageMs: 500_000, outcome: 'stale_hit', staleInMs: -60_500, layer: 'l2' });
  const hit = await app.inject(OPERATIONS);
  t.match(hit.headers, {
    age: '500',
    'cache-status': 'dashcache; hit; ttl=-61',
    'cache-control': 'private, max-age=0, stale-while-revalidate=5, stale-if-error=60',
    'dashcache-panels':
      'metrics;hit;age=12;layer=l1, charts/tasks;hit;age=12;layer=l1, ' +
      'charts/work_orders;hit;age=12;layer=l1, summary;hit;stale;age=500;layer=l2',
    vary: 'Accept-Encoding',
  });
  t.same(
    reads.map(({ panelId, outcome, layer }) => [panelId, outcome, layer]),
    [
      ['metrics', 'hit', 'l1'],
      ['charts/tasks', 'hit', 'l1'],
      ['charts/work_orders', 'hit', 'l1'],
      ['summary', 'stale_hit', 'l2'],
    ],
    'one read per panel and request',
  );
  reader.told.set('summary', { outcome: 'miss', layer: 'source', ageMs: 0 });
  t.equal((await app.inject(OPERATIONS)).headers['cache-status'], 'dashcache; fwd=uri-miss');
});

t.test('any coding of the same panels gives 304; another panel content another tag', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  reader.fillingCount = 3000;
  const etags = new Set<string>();
  for (const coding of ['identity', 'br', 'gzip']) {
    const first = await app.inject({ url: OPERATIONS, headers: { 'accept-encoding': coding } });
    const second = await app.inject({ url: OPERATIONS, headers: { 'accept-encoding': coding } });
    t.equal(first.headers['content-encoding'], coding === 'identity' ? undefined : coding);
    t.same(first.rawPayload, second.rawPayload);
    etags.add(String(first.headers.etag));
  }
  t.equal(etags.size, 3);
  for (const etag of etags) {
    const response = await app.inject({ url: OPERATIONS, headers: { 'if-none-match': etag } });
    t.equal(response.statusCode, 304);
    t.equal(response.headers.etag, etag);
    t.ok(response.headers['dashcache-panels']);
  }
  reader.fillingCount = 3001;
  const other = await app.inject({ url: OPERATIONS, headers: { 'if-none-match': [...etags].join(', ') } });
  t.equal(other.statusCode, 200);
  t.notOk(etags.has(String(other.headers.etag)));
});

t.test('when some panels fail the others are served, and nothing may be kept', async (t) => {
  const { app, reader, reads } = await fakeApp();
  t.teardown(() => app.close());
  reader.fillingCount = 2000;
  const { etag } = (await app.inject(OPERATIONS)).headers;
  reads.length = 0;
  const cause = new Error('SELECT secret');
  reader.told.set('charts/tasks', new DashcacheError('source_deadline', { cause }));
  reader.told.set('summary', new Error('SELECT secret'));
  const headers = { 'if-none-match': `*, ${etag}`, 'accept-encoding': 'gzip' };
  const response = await app.inject({ url: OPERATIONS, headers });
  t.equal(response.statusCode, 200);
  t.equal(response.headers.etag, undefined);
  t.equal(response.headers['cache-control'], 'no-store');
  t.equal(response.headers['cache-status'], 'dashcache; fwd=uri-miss');
  t.match(response.headers['dashcache-panels'], /charts\/tasks;status=504, .*summary;status=500$/);
  t.equal(response.headers['content-encoding'], 'gzip');
  const plain = await app.inject(OPERATIONS);
  const { panels } = plain.json();
  t.match(panels.charts.tasks, { problem: { code: 'source_deadline', status: 504 } });
  t.match(panels.summary, { problem: { code: 'internal', status: 500 } });
  t.equal(panels.metrics.panel, 'metrics');
  t.notMatch(plain.body, 'secret');
  t.same(
    reads
      .slice(0, 4)
      .map(({ panelId, outcome }) => [panelId, outcome])
      .sort(),
    [
      ['charts/tasks', 'error'],
      ['charts/work_orders', 'hit'],
      ['metrics', 'hit'],
      ['summary', 'error'],
    ],
  );
});

t.test('when all panels fail it is a problem with the worst status, which holds theirs', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  reader.told.set('metrics', new DashcacheError('source_wrong_answer'));
  reader.told.set('charts/tasks', new DashcacheError('source_overloaded', { retryAfterSeconds: 4.2 }));
  reader.told.set('charts/work_orders', new DashcacheError('source_down', { retryAfterSeconds: 2 }));
  reader.told.set('summary', new DashcacheError('source_overloaded', { retryAfterSeconds: 1 }));
  const response = await app.inject(OPERATIONS);
  t.equal(response.statusCode, 503);
  t.match(response.headers, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'retry-after': '5',
  });
  t.equal(response.headers.etag, undefined);
  const body = response.json();
  t.match(body, { status: 503, code: 'source_overloaded', dashboard: 'operations', params: { site_id: 7 } });
  t.equal(body.panels.metrics.problem.code, 'source_wrong_answer');
  t.equal(body.panels.charts.work_orders.problem.code, 'source_down');

  reader.told.set('summary', new DashcacheError('source_deadline'));
  t.equal((await app.inject(OPERATIONS)).statusCode, 504);
});

t.test('panels are read side by side', async (t) => {
  const { app, reader, reads, clock } = await fakeApp();
  t.teardown(() => app.close());
  const read = reader.read.bind(reader);
  let waiting = 0;
  let release = () => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  reader.read = async (request) => {
    waiting++;
    if (waiting === 4) release();
    await all;
    if (request.panel.id === 'summary') {
      // After the others have ended.
      await nextTurn();
      clock.advance(40);
    }
    return read(request);
  };
  t.equal((await app.inject(OPERATIONS)).statusCode, 200);
  t.equal(waiting, 4);
  const latency = (id: string) => reads.find(({ panelId }) => panelId === id)?.latencyMs;
  t.equal(latency('metrics'), 0, 'a fast panel does not bear the latency of the slowest');
  t.equal(latency('summary'), 40);
});

t.test('a wrong parameter refuses the whole dashboard before anything is read', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject('/dashboards/operations?site_id=7&status=lost&x=1');
  t.equal(response.statusCode, 400);
  t.same(
    response
      .json()
      .errors.map(({ parameter }: { parameter: string }) => parameter)
      .sort(),
    ['status', 'x'],
  );
  t.equal(reader.asked.length, 0);
});
