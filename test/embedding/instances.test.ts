import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import { dashcache } from '../../index.js';
import { startRedis } from '../helpers/redis-server.js';
import { OPEN, smallFolder, TASKS_CSV } from '../plugins/fixtures/small-service.js';

const PANEL = '/dashboards/open/charts/states';
/** The dashboard of the same id, asking something else. */
const OTHER_QUERY = { 'open.yaml': OPEN.replace('count(*) AS total', '1000 + count(*) AS total') };
/** The same definitions to the letter, over other data. */
const OTHER_DATA = { 'tasks.csv': TASKS_CSV.split('\n').slice(0, 3).join('\n') };

interface Instances {
  readonly folders: Readonly<Record<string, string>>;
  readonly redisUrl?: string;
  readonly redisPrefix?: string;
}

/** A host with one instance under each prefix. */
async function hostOf(t: Test, { folders, ...options }: Instances) {
  const host = fastify();
  t.teardown(() => host.close());
  for (const [prefix, definitions] of Object.entries(folders))
    host.register(dashcache, { prefix, definitions, ...options });
  await host.ready();
  const read = async (url: string) => {
    const { statusCode, headers, body } = await host.inject(url);
    t.equal(statusCode, 200, url);
    return { cacheStatus: String(headers['cache-status']), values: JSON.parse(body).data.series[0].values };
  };
  const counted = async (prefix: string) => (await host.inject(`${prefix}/reports/cache-statistics`)).json();
  return { host, read, counted };
}

async function redisUrl(t: Test): Promise<string> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  return redis.url;
}

t.test(
  'two instances with one Redis and one prefix in it, equal ids, other queries or data: none is answered with the other’s',
  async (t) => {
    const folders = {
      '/a': smallFolder(t),
      '/b': smallFolder(t, OTHER_QUERY),
      '/c': smallFolder(t, OTHER_DATA),
    };
    const expected = { '/a': [134, 266], '/b': [1134, 1266], '/c': [1, 1] };
    const options = { folders, redisUrl: await redisUrl(t), redisPrefix: 'dc:' };
    const one = await hostOf(t, options);
    for (const [prefix, values] of Object.entries(expected)) {
      const first = await one.read(prefix + PANEL);
      t.match(first.cacheStatus, 'fwd=uri-miss; stored', prefix);
      t.same(first.values, values, prefix);
    }
    const two = await hostOf(t, options);
    for (const [prefix, values] of Object.entries(expected)) {
      const fromRedis = await two.read(prefix + PANEL);
      t.match(fromRedis.cacheStatus, 'detail=l2', `${prefix}: each finds its own there`);
      t.same(fromRedis.values, values, prefix);
      t.same((await one.read(prefix + PANEL)).values, values, prefix);
    }
  },
);

t.test(
  'two instances with equal definitions and one prefix in Redis share what either has loaded',
  async (t) => {
    const folder = smallFolder(t);
    const { read } = await hostOf(t, {
      folders: { '/a': folder, '/b': folder },
      redisUrl: await redisUrl(t),
      redisPrefix: 'dc:',
    });
    t.match((await read(`/a${PANEL}`)).cacheStatus, 'fwd=uri-miss; stored');
    t.match((await read(`/b${PANEL}`)).cacheStatus, 'detail=l2');
  },
);

t.test(
  'two instances with one Redis and nothing said about prefixes: each is a cache of its own',
  async (t) => {
    const folder = smallFolder(t);
    const { read, counted } = await hostOf(t, {
      folders: { '/a': folder, '/b': folder },
      redisUrl: await redisUrl(t),
    });
    for (const prefix of ['/a', '/b'])
      t.match((await read(prefix + PANEL)).cacheStatus, 'fwd=uri-miss; stored');
    await read(`/a${PANEL}`);
    t.match((await counted('/a')).cache_stats, { hits: 1, misses: 1 });
    t.match((await counted('/b')).cache_stats, { hits: 0, misses: 1 });
  },
);

t.test('without Redis each counts, keeps and closes its own', async (t) => {
  const { host, read, counted } = await hostOf(t, {
    folders: { '/a': smallFolder(t), '/b': smallFolder(t, OTHER_QUERY) },
  });
  await read(`/a${PANEL}`);
  await read(`/a${PANEL}`);
  await read(`/b${PANEL}`);
  t.match((await counted('/a')).cache_stats, { hits: 1, misses: 1 });
  t.match((await counted('/b')).cache_stats, { hits: 0, misses: 1 });
  await host.close();
});

t.test('registered as a module that is still being loaded, it is the same plugin', async (t) => {
  const host = fastify();
  t.teardown(() => host.close());
  host.register(import('../../index.js'), { prefix: '/sales', definitions: smallFolder(t) });
  t.equal((await host.inject(`/sales${PANEL}`)).statusCode, 200);
});

t.test('a prefix below the prefix of the host’s own scope', async (t) => {
  const host = fastify();
  t.teardown(() => host.close());
  host.register(
    async (scope) => {
      scope.setNotFoundHandler((_request, reply) => reply.code(404).send('of the scope'));
      scope.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
    },
    { prefix: '/internal' },
  );
  t.equal((await host.inject(`/internal/sales${PANEL}`)).statusCode, 200);
  t.equal((await host.inject('/internal/sales/nowhere')).json().code, 'route_unknown');
  t.equal((await host.inject('/internal/nowhere')).body, 'of the scope');
  t.equal((await host.inject(PANEL)).statusCode, 404);
});

t.test('below its prefix an instance answers everything, a wrong method too', async (t) => {
  const { host } = await hostOf(t, { folders: { '/sales': smallFolder(t), '/ops': smallFolder(t) } });
  for (const prefix of ['/sales', '/ops']) {
    const page = await host.inject(`${prefix}/`);
    t.match(page.headers['content-type'], /^text\/html/, 'its own page');
    t.equal((await host.inject(prefix)).headers.location, `${prefix}/`);
    for (const path of ['/nowhere', '/dashboards/open/charts/states/more']) {
      const answer = await host.inject(prefix + path);
      t.equal(answer.statusCode, 404, prefix + path);
      t.equal(answer.headers['content-type'], 'application/problem+json', prefix + path);
      t.match(answer.json(), { code: 'route_unknown', instance: prefix + path, request_id: /^req-/ });
    }
    const wrong = await host.inject({ method: 'DELETE', url: prefix + PANEL, payload: '{broken' });
    t.equal(wrong.statusCode, 405);
    t.equal(wrong.headers.allow, 'GET, HEAD');
    t.equal(wrong.json().code, 'method_not_allowed');
  }
});

t.test(
  'without a prefix, or with that of a scope around it, what it does not know is the host’s',
  async (t) => {
    for (const [prefix, own] of [
      ['', {}],
      ['', { prefix: '/' }],
      ['', { prefix: '' }],
      ['/internal', {}],
    ] as const) {
      const host = fastify();
      t.teardown(() => host.close());
      host.setNotFoundHandler((_request, reply) => reply.code(404).send('of the host'));
      host.register(
        async (scope) => {
          scope.register(dashcache, { ...own, definitions: smallFolder(t) });
        },
        { prefix },
      );
      t.equal((await host.inject(`${prefix}${PANEL}`)).statusCode, 200);
      t.equal((await host.inject(`${prefix}/nowhere`)).body, 'of the host');
      t.equal((await host.inject({ method: 'POST', url: `${prefix}${PANEL}` })).body, 'of the host');
      const known = await host.inject(`${prefix}/dashboards/none`);
      t.equal(known.json().code, 'dashboard_unknown');
    }
  },
);

t.test('a host with other habits: HEAD, conditions, queries and long names are as everywhere', async (t) => {
  const host = fastify({
    exposeHeadRoutes: true,
    routerOptions: { querystringParser: () => ({ site_id: '8', from: '2020-01-01T00:00:00Z' }) },
    bodyLimit: 1,
    genReqId: () => 'of-the-host',
  });
  t.teardown(() => host.close());
  host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
  const got = await host.inject(`/sales${PANEL}`);
  const head = await host.inject({ method: 'HEAD', url: `/sales${PANEL}` });
  t.equal(head.statusCode, 200);
  t.equal(head.body, '');
  t.equal(head.headers.etag, got.headers.etag);
  t.equal(head.headers['content-length'], got.headers['content-length']);
  for (const method of ['GET', 'HEAD'] as const) {
    const headers = { 'if-none-match': String(got.headers.etag) };
    const same = await host.inject({ method, url: `/sales${PANEL}`, headers });
    t.equal(same.statusCode, 304, method);
    t.notOk('content-length' in same.headers, method);
  }
  const north = await host.inject('/sales/dashboards/work/summary?site_id=7');
  t.same(north.json().data, { name: 'North' }, 'the query as it came, whoever parses it');
  const longest = await host.inject(`/sales/dashboards/${'x'.repeat(64)}`);
  t.match(longest.json(), { code: 'dashboard_unknown', request_id: 'of-the-host' });
});
