import t, { type Test } from 'tap';
import { ask } from '../support/ask.js';
import { CALLS, OPEN_ROUTES } from '../support/calls.js';
import { listeningApp } from '../support/listening-app.js';
import { shopFolder } from '../support/shop.js';
import { bearer, READER_KEY, testCredentials } from '../support/test-credentials.js';

const ADMIN_TOKEN = 'correct-horse-battery-staple';

async function guarded(t: Test, environment: Record<string, string> = {}) {
  const folder = await shopFolder(t);
  return listeningApp(t, { folder, environment, credentials: testCredentials() });
}

t.test(
  'every route with every kind of caller: what is not allowed is refused, and how to ask is said',
  async (t) => {
    const service = await guarded(t, { ADMIN_TOKEN });
    const callers: Record<string, { headers: Record<string, string>; may: readonly string[] }> = {
      nobody: { headers: {}, may: [] },
      'a reader': { headers: await bearer(['reader'], 1), may: ['reader'] },
      'a reader with a key': { headers: { 'x-api-key': READER_KEY }, may: ['reader'] },
      'a scraper': { headers: await bearer(['scraper']), may: ['statistics'] },
      staff: { headers: await bearer(['staff'], 1), may: ['reader', 'statistics'] },
      'an administrator': { headers: await bearer(['admin']), may: ['reader', 'statistics', 'admin'] },
      'who has ADMIN_TOKEN': {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        may: ['reader', 'statistics', 'admin'],
      },
      'who has no role': { headers: await bearer([], 1), may: [] },
      'who has a wrong token': { headers: { authorization: 'Bearer wrong' }, may: [] },
      'who has a wrong key': { headers: { 'x-api-key': 'wrong' }, may: [] },
    };
    for (const [name, { headers, may }] of Object.entries(callers))
      for (const [route, { access, ...call }] of Object.entries(CALLS)) {
        const answer = await ask(service.url + call.path, { ...call, headers: { ...headers } });
        const isKnown = !/nobody|wrong/.test(name);
        const expected = access === 'open' || may.includes(access) ? 200 : isKnown ? 403 : 401;
        t.equal(answer.status, expected, `${route} with ${name}`);
        if (expected === 200) continue;
        if (call.method !== 'HEAD')
          t.match(answer.json(), { status: expected, code: expected === 401 ? 'unauthorized' : 'forbidden' });
        t.equal(answer.headers['cache-control'], 'no-store');
        t.match(answer.headers.vary, /authorization.*x-api-key/i);
        if (expected === 401) t.match(answer.headers['www-authenticate'], /^Bearer realm="dashcache"/);
      }
    t.ok(OPEN_ROUTES.length > 3);
  },
);

t.test('the tenant comes from the credential: left out it is filled, another’s is refused', async (t) => {
  const { get } = await guarded(t);
  const one = { headers: await bearer(['reader'], 1) };
  const filled = await get('/dashboards/shop/metrics', one);
  const named = await get('/dashboards/shop/metrics?site_id=1', one);
  t.equal(filled.status, 200);
  t.match(named.cacheStatus, /; hit;/, 'the same entry');
  t.equal(named.headers.etag, filled.headers.etag);
  t.equal(named.text, filled.text);
  t.match(filled.json(), { params: { site_id: 1 } });
  for (const path of ['metrics', 'summary', 'charts/by_day', 'options/period']) {
    if (path === 'options/period') continue;
    const other = await get(`/dashboards/shop/${path}?site_id=2`, one);
    t.equal(other.status, 403, path);
    t.match(other.json(), { code: 'forbidden' });
    t.equal(other.headers.etag, undefined);
  }
  t.equal((await get('/dashboards/shop?site_id=2', one)).status, 403);
  const theirs = await get('/dashboards/shop/metrics', {
    headers: { ...one.headers, 'if-none-match': String(filled.headers.etag) },
  });
  t.equal(theirs.status, 304);
  t.match(theirs.headers.vary, /authorization/i);
});

t.test('several tenants: one has to be named, by any spelling of it, and each is its own', async (t) => {
  const { get } = await guarded(t);
  const both = { headers: await bearer(['reader'], ['1', 2, 'x', '1']) };
  const none = await get('/dashboards/shop/metrics', both);
  t.equal(none.status, 400);
  t.match(none.json(), { errors: [{ parameter: 'site_id', detail: /several: 1, 2$/ }] });
  for (const site of [1, 2])
    t.match((await get(`/dashboards/shop/metrics?site_id=${site}`, both)).json(), {
      params: { site_id: site },
    });
  t.equal((await get('/dashboards/shop/metrics?site_id=3', both)).status, 403);
  t.equal((await get('/dashboards/shop/metrics?site_id=x', both)).status, 400, 'what is no tenant at all');
  const key = { headers: { 'x-api-key': READER_KEY } };
  t.equal((await get('/dashboards/shop/metrics?site_id=2', key)).status, 200);
});

t.test('no tenant: nothing of tenants, and all of what is nobody’s', async (t) => {
  const { get } = await guarded(t);
  for (const claim of [undefined, [], null, { a: 1 }, 'no number', 1.5]) {
    const nobody = { headers: await bearer(['reader'], claim) };
    t.equal((await get('/dashboards/shop/metrics', nobody)).status, 403);
    t.equal((await get('/dashboards/shop/metrics?site_id=1', nobody)).status, 403);
    const shared = await get('/dashboards/prices/metrics', nobody);
    t.equal(shared.status, 200);
    t.match(shared.headers['cache-control'], /^private/, 'somebody has to be known for it');
  }
});

t.test('an administrator may name any tenant, unless the credential names some', async (t) => {
  const { get } = await guarded(t);
  const admin = { headers: await bearer(['admin']) };
  t.equal((await get('/dashboards/shop/metrics?site_id=3', admin)).status, 200);
  t.equal((await get('/dashboards/shop/metrics', admin)).status, 400);
  const bound = { headers: await bearer(['admin'], 1) };
  t.equal((await get('/dashboards/shop/metrics?site_id=3', bound)).status, 403);
  t.match((await get('/dashboards/shop/metrics', bound)).json(), { params: { site_id: 1 } });
});

t.test('the choices of the tenant are the caller’s own tenants', async (t) => {
  const { get } = await guarded(t);
  interface Options {
    readonly options: readonly { readonly value: number }[];
  }
  const choices = async (headers: Record<string, string>) => {
    const answer = await get('/dashboards/shop/options/site_id', { headers });
    t.equal(answer.status, 200);
    return {
      etag: answer.headers.etag,
      values: answer.json<Options & Record<string, unknown>>().options.map(({ value }) => value),
    };
  };
  const all = await choices(await bearer(['admin']));
  t.ok(all.values.length > 2);
  const one = await choices(await bearer(['reader'], 1));
  t.same(one.values, [1]);
  const two = await choices(await bearer(['reader'], [2, 1]));
  t.same(two.values, [1, 2]);
  t.same((await choices(await bearer(['reader']))).values, []);
  t.equal(new Set([all.etag, one.etag, two.etag]).size, 3);
  const again = await get('/dashboards/shop/options/site_id', {
    headers: { ...(await bearer(['reader'], 1)), 'if-none-match': String(one.etag) },
  });
  t.equal(again.status, 304);
});

t.test('two credentials, or one twice: whose it is would be a guess', async (t) => {
  const { get } = await guarded(t);
  const one = await bearer(['reader'], 1);
  const both = await get('/dashboards', { headers: { ...one, 'x-api-key': READER_KEY } });
  t.equal(both.status, 401);
  t.match(both.headers['www-authenticate'], /error="invalid_token"/);
  for (const key of ['', ' ', `${READER_KEY}, ${READER_KEY}`, 'x'.repeat(5000), `${READER_KEY}%00`])
    t.equal((await get('/dashboards', { headers: { 'x-api-key': key } })).status, 401, key.slice(0, 60));
});

t.test('the catalogue and all data are private, and vary by the credential', async (t) => {
  const { get } = await guarded(t);
  const headers = await bearer(['reader'], 1);
  for (const path of [
    '/dashboards',
    '/dashboards/shop',
    '/dashboards/prices',
    '/dashboards/shop/options/site_id',
  ]) {
    const answer = await get(path, { headers });
    t.match(answer.headers['cache-control'], /^private/, path);
    t.match(answer.headers.vary, /authorization.*x-api-key/i, path);
  }
  const open = await listeningApp(t, { folder: await shopFolder(t) });
  const { headers: without } = await open.get('/dashboards/prices');
  t.match(without['cache-control'], /^public/, 'without identity it is as before (control)');
  t.notMatch(without.vary, /authorization/i);
});

t.test(
  'the description and the catalogue say that a credential is wanted, and that nobody has to name the tenant',
  async (t) => {
    const { get } = await guarded(t);
    interface Described {
      readonly paths: Record<string, Record<string, { security: object[]; parameters: { $ref?: string }[] }>>;
      readonly components: {
        securitySchemes: object;
        parameters: Record<string, { name: string; required?: boolean }>;
      };
    }
    const { paths, components } = (await get('/openapi.json')).json<Described & Record<string, unknown>>();
    t.same(Object.keys(components.securitySchemes), ['adminToken', 'token', 'apiKey']);
    t.same(paths['/dashboards/shop/metrics']?.['get']?.security, [{ token: [] }, { apiKey: [] }]);
    t.same(paths['/cache/switch']?.['put']?.security, [{ adminToken: [] }, { token: [] }, { apiKey: [] }]);
    t.same(paths['/health/live']?.['get']?.security, []);
    const tenants = Object.values(components.parameters).filter(({ name }) => name === 'site_id');
    t.ok(tenants.length > 0 && tenants.every(({ required }) => !required));
    const catalogue = (await get('/dashboards', { headers: await bearer(['reader'], 1) })).text;
    t.notMatch(catalogue, /"required":\["site_id"/);
  },
);

t.test('a live stream is of the caller’s tenant, and ends with the token', async (t) => {
  const { url, get } = await guarded(t);
  t.equal(
    (await get('/dashboards/shop/live?site_id=2', { headers: await bearer(['reader'], 1) })).status,
    403,
  );
  t.equal((await get('/dashboards/shop/live')).status, 401);
  const short = await bearer(['reader'], 1, 'short', 2);
  const stream = await fetch(`${url}/dashboards/shop/live`, { headers: short });
  t.equal(stream.status, 200);
  const text = await stream.text();
  t.match(text, /"params":\{"site_id":1/);
  t.match(text, /event: end\ndata: \{"reason":"expired"\}/);
});
