import t from 'tap';
import type { OpenapiDocument } from '../../../services/openapi/document.js';
import { openapiValidator } from '../../helpers/openapi-validator.js';
import type { AskOptions } from '../support/ask.js';
import { listeningApp } from '../support/listening-app.js';
import { shopFolder } from '../support/shop.js';
import { read, tell, twoProcesses } from '../support/two-processes.js';

type Row = readonly [
  status: number,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT',
  path: string,
  options?: AskOptions,
];

const TOKEN = 'a-token-of-the-test';
const allowed = { authorization: `Bearer ${TOKEN}` };
const ENTRIES = '/cache/entries?url=%2Fdashboards%2Fshop%3Fsite_id%3D7';

const WARM = { dashboard: 'shop', tenant: '7' };

/** In this order: what a row needs, an earlier one has done. */
const ANSWERED: readonly Row[] = [
  [200, 'POST', '/cache/warmings', { body: WARM }],
  [200, 'POST', '/cache/warmings', { body: { dashboard: 'prices' } }],
  [200, 'POST', '/cache/bypasses', { body: { url: '/dashboards/shop?site_id=7' } }],
  [200, 'GET', ENTRIES],
  [200, 'HEAD', ENTRIES],
  [200, 'POST', '/cache/invalidations', { body: { table: 'sales', tenant: '7' } }],
  [200, 'POST', '/cache/invalidations', { body: { all: true, mode: 'expire' } }],
  [200, 'GET', ENTRIES],
  [200, 'PUT', '/cache/switch', { body: { enabled: false, dashboard: 'shop', panel: 'metrics' } }],
  [200, 'GET', '/cache/switch'],
  [200, 'HEAD', '/cache/switch'],
  [200, 'GET', ENTRIES],
  [200, 'PUT', '/cache/switch', { body: { enabled: true, dashboard: 'shop', panel: 'metrics' } }],
  [200, 'GET', ENTRIES.replace('entries', 'why')],
  [200, 'GET', '/cache/events'],
  [200, 'GET', '/cache/events?kind=refresh&limit=3'],
  [200, 'HEAD', '/cache/events'],
];

const REFUSED: readonly Row[] = [
  [400, 'POST', '/cache/invalidations', { body: {} }],
  [400, 'POST', '/cache/invalidations', { body: '{' }],
  [400, 'POST', '/cache/warmings', { body: { dashboard: 'shop', params: { period: 'x' } } }],
  [400, 'PUT', '/cache/switch', { body: { enabled: 1 } }],
  [400, 'GET', '/cache/entries?url=x'],
  [400, 'GET', '/cache/why?url=x'],
  [400, 'GET', '/cache/events?limit=0'],
  [404, 'POST', '/cache/invalidations', { body: { dashboard: 'none' } }],
  [404, 'POST', '/cache/warmings', { body: { dashboard: 'none' } }],
  [404, 'PUT', '/cache/switch', { body: { enabled: true, dashboard: 'none' } }],
  [400, 'POST', '/cache/bypasses', { body: { url: '/none' } }],
  [404, 'POST', '/cache/bypasses', { body: { url: '/dashboards/none' } }],
  [404, 'GET', '/cache/entries?url=%2Fdashboards%2Fnone'],
  [404, 'GET', '/cache/why?url=%2Fdashboards%2Fnone'],
  [413, 'POST', '/cache/invalidations', { body: { tags: ['x'.repeat(70_000)] } }],
  [415, 'PUT', '/cache/switch', { body: 'enabled=true', headers: { 'content-type': 'text/plain' } }],
];

t.test(
  'every call of administration answers as it is described, in two processes on one Redis',
  async (t) => {
    const { services, redis } = await twoProcesses(t, { ADMIN_TOKEN: TOKEN });
    const [first, second] = services;
    const faults = openapiValidator(
      (await read(first, '/openapi.json')).json<OpenapiDocument & Record<string, unknown>>(),
    );
    const held = async (service: { url: string }, [status, method, path, options = {}]: Row) => {
      const headers = { ...allowed, ...options.headers };
      const answer = await tell(service, path, { ...options, method, headers });
      t.equal(answer.status, status, `${method} ${path}`);
      t.same(faults(method, path, answer), [], `${method} ${path}: ${status} as described`);
      return answer;
    };

    for (const service of services) for (const row of [...ANSWERED, ...REFUSED]) await held(service, row);
    for (const [, method, path, options] of ANSWERED) {
      const answer = await tell(first, path, { ...options, method });
      t.equal(answer.status, 401, `${method} ${path} without a token`);
      t.same(faults(method, path, answer), [], `${method} ${path}: 401 as described`);
    }

    await t.test('what one warmed the other answers from Redis, and says so', async (t) => {
      await held(first, [200, 'POST', '/cache/invalidations', { body: { all: true } }]);
      const warmed = await held(first, [200, 'POST', '/cache/warmings', { body: WARM }]);
      t.match(warmed.json(), { panels: 5, loaded: 5, hits: 5 });
      const explained = await held(second, [200, 'GET', ENTRIES]);
      const { entries } = explained.json<{ entries: { found_in: string; state: string }[] }>();
      t.ok(
        entries.length === 4 &&
          entries.every(({ found_in, state }) => found_in === 'l2' && state === 'fresh'),
      );
      t.match((await read(second, '/dashboards/shop?site_id=7')).cacheStatus, /^dashcache; hit/);
    });

    await t.test('while Redis is frozen, what it does not take is a 503 as described', async () => {
      redis.freeze();
      await held(first, [503, 'POST', '/cache/invalidations', { body: { dashboard: 'shop' } }]);
      await held(first, [503, 'PUT', '/cache/switch', { body: { enabled: false, dashboard: 'prices' } }]);
      redis.thaw();
    });
  },
);

t.test('closed beyond loopback, it answers as described; a damaged answer would be found', async (t) => {
  const environment = { HOST: '0.0.0.0', AUTH: 'none' };
  const listening = await listeningApp(t, { folder: await shopFolder(t), environment });
  const url = listening.url.replace('0.0.0.0', '127.0.0.1');
  const faults = openapiValidator(
    (await read({ url }, '/openapi.json')).json<OpenapiDocument & Record<string, unknown>>(),
  );
  for (const [, method, path, options] of ANSWERED) {
    const answer = await tell({ url }, path, { ...options, method });
    t.equal(answer.status, 403);
    t.same(faults(method, path, answer), []);
  }
  const { headers } = await read({ url }, '/cache/switch');
  const lie = {
    status: 200,
    headers: { ...headers, 'content-type': 'application/json' },
    text: '{"enabled":"yes"}',
  };
  t.not(faults('GET', '/cache/switch', lie).length, 0);
});
