import caching from '@fastify/caching';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import fastifyRedis from '@fastify/redis';
import swagger from '@fastify/swagger';
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify';
import t, { type Test } from 'tap';
import { dashcache } from '../../index.js';
import { startRedis } from '../helpers/redis-server.js';
import { smallFolder } from '../plugins/fixtures/small-service.js';

const PANEL = '/dashboards/open/charts/states';

function newHost(t: Test, options: FastifyServerOptions = {}): FastifyInstance {
  const host = fastify(options);
  t.teardown(() => host.close());
  return host;
}

t.test('beside an instance the host answers as it always did', async (t) => {
  const answersOf = async (isEmbedding: boolean) => {
    const host = newHost(t);
    host.get('/host', async () => ({ hello: 'host' }));
    host.get('/fails', async () => {
      throw new Error('of the host');
    });
    host.post(
      '/echo',
      { schema: { body: { type: 'object', properties: { n: { type: 'number' } } } } },
      (request) => Promise.resolve(request.body),
    );
    if (isEmbedding) host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
    const asked = [
      { url: '/host' },
      { url: '/host', method: 'HEAD' as const },
      { url: '/fails' },
      { url: '/nowhere' },
      { url: '/salesman' },
      { url: '/echo', method: 'POST' as const, payload: { n: '7' } },
      { url: '/echo', method: 'POST' as const, payload: { n: 'seven' } },
      { url: '/echo', method: 'POST' as const, payload: 'text', headers: { 'content-type': 'text/plain' } },
    ];
    const answers = await Promise.all(asked.map((request) => host.inject(request)));
    return answers.map(({ statusCode, headers: { date: _date, ...headers }, body }) => ({
      statusCode,
      headers,
      body,
    }));
  };
  const alone = await answersOf(false);
  t.same(await answersOf(true), alone);
  t.match(alone[4], { statusCode: 404, body: 'Route GET:/salesman not found' });
});

t.test('neither the host, its server nor the process is given anything', async (t) => {
  const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  const bare = newHost(t);
  await bare.ready();
  const host = newHost(t);
  host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
  await host.ready();
  t.same(Object.keys(host).sort(), Object.keys(bare).sort(), 'no decorator');
  for (const name of ['definitions', 'clock', 'sources', 'redisConnection', 'lifecycle'])
    t.notOk(host.hasDecorator(name) || host.hasRequestDecorator(name) || host.hasReplyDecorator(name), name);
  t.notOk(host.hasRequestDecorator('problem'));
  t.notOk(host.hasReplyDecorator('deliver'));
  t.same(Object.keys(host.getSchemas()), []);
  t.equal(host.server.timeout, bare.server.timeout);
  for (const event of ['connection', 'request', 'clientError'])
    t.equal(host.server.listenerCount(event), bare.server.listenerCount(event), event);
  t.same(
    process.eventNames().map((name) => [name, process.listenerCount(name)]),
    before,
  );
});

t.test(
  'the host has decorators, schemas and handlers of the names of ours: each keeps its own',
  async (t) => {
    const host = newHost(t);
    for (const name of ['clock', 'sources', 'definitions', 'reports']) host.decorate(name, `host's ${name}`);
    host.addSchema({ $id: 'statistics', type: 'string' });
    host.addSchema({ $id: 'history', type: 'string' });
    host.setErrorHandler((error, _request, reply) =>
      reply.code(418).send(`host: ${(error as Error).message}`),
    );
    host.setNotFoundHandler((_request, reply) => reply.code(404).send('host: nothing here'));
    host.get('/fails', async () => {
      throw new Error('x');
    });
    host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
    t.equal((await host.inject('/fails')).body, 'host: x');
    t.equal((await host.inject('/nowhere')).body, 'host: nothing here');
    t.equal(host.getDecorator<string>('clock'), "host's clock");
    t.equal((await host.inject(`/sales${PANEL}`)).statusCode, 200);
    t.match((await host.inject('/sales/dashboards/none')).json(), { code: 'dashboard_unknown', status: 404 });
    t.match((await host.inject('/sales/nowhere')).json(), { code: 'route_unknown' });
    t.equal((await host.inject('/sales/reports/cache-statistics')).statusCode, 200);
  },
);

t.test('the host has plugins that ours has too: both work', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const host = newHost(t);
  await host.register(helmet);
  await host.register(cors, { origin: 'https://host.example' });
  await host.register(caching, { privacy: caching.privacy.PRIVATE });
  await host.register(swagger, { openapi: { info: { title: 'The host', version: '1' } } });
  await host.register(fastifyRedis, { url: redis.url });
  host.get('/host', async () => ({ set: await host.redis.set('host:key', '1') }));
  host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t), redisUrl: redis.url });
  host.register(dashcache, { prefix: '/ops', definitions: smallFolder(t), redisUrl: redis.url });
  await host.ready();

  t.same((await host.inject('/host')).json(), { set: 'OK' });
  for (const prefix of ['/sales', '/ops']) {
    const panel = await host.inject({ url: prefix + PANEL, headers: { origin: 'https://host.example' } });
    t.equal(panel.statusCode, 200);
    t.match(panel.headers['cache-status'], 'dashcache; ', 'ours');
    t.match(
      panel.headers['content-security-policy'],
      "script-src 'self'",
      'the host’s own headers, not ours',
    );
    t.equal(panel.headers['access-control-allow-origin'], 'https://host.example');
    t.same((await host.inject(`${prefix}/health/ready`)).json().degraded, [], 'our own connection');
  }
  const { paths = {} } = host.swagger();
  t.ok(
    '/host' in paths && '/ops/reports/cache-history' in paths,
    'the host describes itself, with our routes',
  );
});

t.test('the host names a Redis client of its own: ours does not look like one of its', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const host = newHost(t);
  await host.register(fastifyRedis, { url: redis.url, namespace: 'sessions' });
  host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t), redisUrl: redis.url });
  await host.ready();
  t.same(Object.keys(host.redis), ['sessions']);
  t.match((await host.inject(`/sales${PANEL}`)).headers['cache-status'], 'fwd=uri-miss; stored');
});

t.test('the hooks of the host see our requests, and ours see none of its', async (t) => {
  const host = newHost(t);
  const seen: string[] = [];
  host.addHook('onRequest', async ({ url }, reply) => {
    seen.push(url);
    if (url.startsWith('/sales/cache') || url.startsWith(`/sales${PANEL}`))
      await reply.code(401).send({ who: 'host' });
  });
  host.get('/host', async () => ({}));
  host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t) });
  const refused = await host.inject(`/sales${PANEL}`);
  t.equal(refused.statusCode, 401, 'who may read is the host’s to decide');
  t.same(refused.json(), { who: 'host' });
  t.equal((await host.inject('/sales/health/live')).statusCode, 200);
  await host.inject('/host');
  t.same(seen, [`/sales${PANEL}`, '/sales/health/live', '/host']);
});
