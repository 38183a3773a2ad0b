import { fastify } from 'fastify';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { ConfigFaults, dashcache } from '../../index.js';
import { startRedis } from '../helpers/redis-server.js';
import { within } from '../helpers/within.js';
import { DASHCACHE, OPEN, smallFolder } from '../plugins/fixtures/small-service.js';

const PANEL = '/sales/dashboards/open/charts/states';

function newHost(t: Test) {
  const lines: { level: number; msg: string }[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) };
  const host = fastify({ logger: { level: 'info', stream } });
  t.teardown(() => host.close());
  return { host, lines };
}

t.test('wrong options: the host does not become ready, and is told which', async (t) => {
  const { host } = newHost(t);
  const options = { prefix: '/sales', definitions: 'x', metricsTtlMs: 5, redisURL: 'redis://127.0.0.1' };
  host.register(dashcache, options);
  const error = await host.ready().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  t.ok(error instanceof ConfigFaults);
  t.match(error, {
    message:
      '2 settings are wrong:\n' +
      '  redisURL is not an option of dashcache: did you mean redisUrl?\n' +
      '  metricsTtlMs is 5; accepted: whole milliseconds, 1000 or more',
  });
});

t.test('definitions with faults: the host does not become ready, and is told where', async (t) => {
  const { host } = newHost(t);
  host.register(dashcache, { prefix: '/ops', definitions: smallFolder(t) });
  const definitions = smallFolder(t, { 'open.yaml': OPEN.replace('type: pie', 'type: pei') });
  host.register(dashcache, { prefix: '/sales', definitions });
  await t.rejects(async () => host.ready(), { name: 'DefinitionFaults', message: /open\.yaml:7:\d+.*pie/s });
  await t.resolves(host.close(), 'and what was open is closed');
});

t.test('placeholders name what the host gives, never the environment of the process', async (t) => {
  const files = { 'dashcache.yaml': DASHCACHE.replace('tasks.csv', `"$\{HOME}/tasks.csv"`) };
  const folder = smallFolder(t, files);
  t.ok(process.env['HOME'], 'there is something to be taken');
  const refused = newHost(t);
  refused.host.register(dashcache, { definitions: folder });
  await t.rejects(async () => refused.host.ready(), { message: /HOME is not set in the environment/ });
  const { host } = newHost(t);
  host.register(dashcache, { prefix: '/sales', definitions: folder, environment: { HOME: folder } });
  t.equal((await host.inject(PANEL)).statusCode, 200);
});

t.test('Redis away: the host starts, serves and closes in good time', async (t) => {
  const { host } = newHost(t);
  const startMs = performance.now();
  for (const prefix of ['/sales', '/ops'])
    host.register(dashcache, { prefix, definitions: smallFolder(t), redisUrl: 'redis://127.0.0.1:1' });
  await host.ready();
  t.ok(performance.now() - startMs < 5000);
  t.equal((await host.inject(PANEL)).statusCode, 200);
  t.same((await host.inject('/ops/health/ready')).json(), { status: 'ready', degraded: ['redis'] });
  const closeMs = performance.now();
  await host.close();
  t.ok(performance.now() - closeMs < 2000);
});

t.test('Redis frozen, then the host closes: it does not wait for it', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const { host } = newHost(t);
  host.register(dashcache, { prefix: '/sales', definitions: smallFolder(t), redisUrl: redis.url });
  t.equal((await host.inject(PANEL)).statusCode, 200);
  redis.freeze();
  const closeMs = performance.now();
  await host.close();
  t.ok(performance.now() - closeMs < 3000, `${performance.now() - closeMs} ms`);
  redis.thaw();
});

t.test('the host closes: no instance keeps a connection', async (t) => {
  const redis = await startRedis();
  const observer = new Redis(redis.url);
  t.teardown(async () => {
    observer.disconnect();
    await redis.stop();
  });
  const connected = async () => String(await observer.client('LIST')).match(/name=dashcache/g)?.length ?? 0;
  const { host } = newHost(t);
  for (const prefix of ['/sales', '/ops'])
    host.register(dashcache, { prefix, definitions: smallFolder(t), redisUrl: redis.url });
  t.equal((await host.inject(PANEL)).statusCode, 200);
  await within(
    5000,
    async () => (await connected()) === 4,
    'for each one of commands and one that hears the bus',
  );
  await host.close();
  t.equal(await connected(), 0);
});

t.test(
  'the logger of the host has our lines, and those of requests at the level of the registration',
  async (t) => {
    const { host, lines } = newHost(t);
    const definitions = smallFolder(t);
    host.register(dashcache, { prefix: '/sales', definitions, logIntervalCount: 1, logLevel: 'error' });
    host.register(dashcache, { prefix: '/ops', definitions });
    await host.inject(PANEL);
    t.equal(lines.filter(({ msg }) => msg.startsWith('Cache Statistics')).length, 1);
    const completed = () => lines.filter(({ msg }) => msg === 'request completed').length;
    t.equal(completed(), 0);
    await host.inject(PANEL.replace('/sales', '/ops'));
    t.equal(completed(), 1);
  },
);
