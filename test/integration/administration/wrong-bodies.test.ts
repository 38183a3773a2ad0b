import t from 'tap';
import { type ListeningApp, listeningApp } from '../support/listening-app.js';
import { shopFolder } from '../support/shop.js';
import { heat, tell } from '../support/two-processes.js';

const PATH = '/dashboards/shop/metrics?site_id=7';
const LONG = 'x'.repeat(300);
const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

type Row = readonly [body: unknown, pointers: readonly string[]];

/** What no address takes, whatever it is for. */
const SHAPES: readonly Row[] = [
  [[], ['']],
  [[{ all: true }], ['']],
  ['null', ['']],
  ['1', ['']],
  ['"all"', ['']],
  ['true', ['']],
  [DEEP, ['']],
];

const INVALIDATIONS: readonly Row[] = [
  [{}, ['']],
  [{ everything: true }, ['/everything']],
  [{ all: false }, ['/all']],
  [{ all: 'true' }, ['/all']],
  [{ all: true, mode: 'PURGE' }, ['/mode']],
  [{ all: true, mode: null }, ['/mode']],
  [{ all: true, wait: 'yes' }, ['/wait']],
  [{ all: true, wait: 0 }, ['/wait']],
  [{ dashboard: 7 }, ['/dashboard']],
  [{ dashboard: '' }, ['/dashboard']],
  [{ dashboard: LONG }, ['/dashboard']],
  [{ dashboard: 'shop', panel: ['metrics'] }, ['/panel']],
  [{ panel: 'metrics' }, ['/panel']],
  [{ table: {} }, ['/table']],
  [{ tags: 'a' }, ['/tags']],
  [{ tags: [] }, ['/tags']],
  [{ tags: [1, 'a', null] }, ['/tags/0', '/tags/2']],
  [{ tags: ['x'.repeat(129)] }, ['/tags/0']],
  [{ tags: Array.from({ length: 101 }, (_, i) => `t${i}`) }, ['/tags']],
  [{ all: true, tenant: 7 }, ['/tenant']],
  [{ all: true, dashboard: 'shop' }, ['/dashboard']],
  [{ all: true, 'a/b~c': 1 }, ['/a~1b~0c']],
  [{ all: 1, mode: 2, wait: 3 }, ['/all', '/mode', '/wait']],
  ['{"all":true,"constructor":1}', ['/constructor']],
];

const SWITCH: readonly Row[] = [
  [{}, ['/enabled']],
  [{ enabled: 'false' }, ['/enabled']],
  [{ enabled: 0 }, ['/enabled']],
  [{ enabled: false, panel: 'metrics' }, ['/panel']],
  [{ enabled: false, dashboard: null }, ['/dashboard']],
  [{ enabled: false, all: true }, ['/all']],
];

const WARMINGS: readonly Row[] = [
  [{}, ['/dashboard']],
  [{ dashboard: ['shop'] }, ['/dashboard']],
  [{ dashboard: 'shop', params: [] }, ['/params']],
  [{ dashboard: 'shop', params: 'site_id=7' }, ['/params']],
  [{ dashboard: 'shop', params: { site_id: {} } }, ['/params/site_id']],
  [{ dashboard: 'shop', params: { site_id: 'x' } }, ['/tenant']],
  [{ dashboard: 'shop', params: { sites: 7 } }, ['/params/sites']],
  [{ dashboard: 'shop', params: { site_id: 7 }, tenant: '8' }, ['/tenant']],
  [{ dashboard: 'shop', tenant: 7 }, ['/tenant']],
  [{ dashboard: 'shop', site_id: 7 }, ['/site_id']],
];

const BYPASSES: readonly Row[] = [
  [{}, ['/url']],
  [{ url: 7 }, ['/url']],
  [{ url: '' }, ['/url']],
  [{ url: PATH, dashboard: 'shop' }, ['/dashboard']],
];

const service = await listeningApp(t, { folder: await shopFolder(t) });

/** What a wrong request could have changed. */
async function stateOf({ get }: ListeningApp): Promise<string> {
  const [switches, events, cached] = await Promise.all([
    get('/cache/switch'),
    get('/cache/events'),
    get(PATH),
  ]);
  return JSON.stringify([switches.json(), events.json(), cached.cacheStatus.replace(/ttl=\d+/, '')]);
}

const ADDRESSES: readonly [path: string, method: 'POST' | 'PUT', rows: readonly Row[]][] = [
  ['/cache/invalidations', 'POST', [...SHAPES, ...INVALIDATIONS]],
  ['/cache/switch', 'PUT', [...SHAPES, ...SWITCH]],
  ['/cache/warmings', 'POST', [...SHAPES, ...WARMINGS]],
  ['/cache/bypasses', 'POST', [...SHAPES, ...BYPASSES]],
];
for (const [path, method, rows] of ADDRESSES)
  t.test(`${path}: wrong bodies are 400 with pointers to each fault, and nothing is changed`, async (t) => {
    await heat(service, [PATH]);
    const before = await stateOf(service);
    for (const [body, pointers] of rows) {
      const shown = JSON.stringify(body).slice(0, 60);
      const answer = await tell(service, path, { method, body });
      t.equal(answer.status, 400, shown);
      const problem = answer.json<{ code: string; errors: { pointer: string; detail: string }[] }>();
      t.equal(problem.code, 'body_invalid', shown);
      t.same(
        problem.errors.map(({ pointer }) => pointer).sort(),
        [...pointers].sort(),
        `${shown}: ${problem.errors.map(({ detail }) => detail).join('; ')}`,
      );
      t.match(answer.headers['content-type'], 'application/problem+json');
      t.equal(answer.headers['cache-control'], 'no-store');
    }
    t.equal(await stateOf(service), before);
  });

const UNREADABLE: readonly [title: string, body: string, headers: Record<string, string>, status: number][] =
  [
    ['broken JSON', '{"all":tru', {}, 400],
    ['two documents', '{"all":true}{"all":true}', {}, 400],
    ['no body', '', { 'content-type': 'application/json' }, 400],
    ['__proto__', '{"all":true,"__proto__":{"x":1}}', {}, 400],
    ['text', 'all', { 'content-type': 'text/plain' }, 415],
    ['a form', 'all=true', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['too much', JSON.stringify({ tags: ['x'.repeat(70_000)] }), {}, 413],
  ];
for (const [title, body, headers, status] of UNREADABLE)
  t.test(`${title} is a ${status}, and nothing is changed`, async (t) => {
    await heat(service, [PATH]);
    const before = await stateOf(service);
    for (const [path, method] of ADDRESSES) {
      const answer = await tell(service, path, { method, body, headers });
      t.equal(answer.status, status, `${method} ${path}`);
      t.match(answer.json(), { status });
    }
    t.equal(await stateOf(service), before);
  });

t.test('unknown dashboards and panels are 404 for all of them', async (t) => {
  for (const [path, method, extra] of [
    ['/cache/invalidations', 'POST', {}],
    ['/cache/switch', 'PUT', { enabled: false }],
    ['/cache/warmings', 'POST', {}],
  ] as const) {
    const unknown = await tell(service, path, { method, body: { ...extra, dashboard: 'shops' } });
    t.match(unknown.json(), { status: 404, code: 'dashboard_unknown', detail: /did you mean shop/ });
    const panel = await tell(service, path, {
      method,
      body: { ...extra, dashboard: 'shop', panel: 'metric' },
    });
    t.match(panel.json(), { status: 404, code: 'panel_unknown', detail: /did you mean metrics/ });
  }
});

t.test('a method that an address does not have is a 405', async (t) => {
  for (const [path, method, allow] of [
    ['/cache/invalidations', 'GET', 'POST'],
    ['/cache/warmings', 'PUT', 'POST'],
    ['/cache/switch', 'POST', 'GET, HEAD, PUT'],
    ['/cache/entries', 'POST', 'GET, HEAD'],
    ['/cache/events', 'DELETE', 'GET, HEAD'],
  ] as const) {
    const answer = await tell(service, path, { method });
    t.equal(answer.status, 405, path);
    t.equal(answer.headers.allow, allow, path);
  }
});
