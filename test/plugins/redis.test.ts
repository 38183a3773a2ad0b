import { fastify } from 'fastify';
import t, { type Test } from 'tap';
import clockPlugin from '../../plugins/clock.js';
import redisPlugin from '../../plugins/redis.js';
import { startRedis } from '../helpers/redis-server.js';

async function withRedis(t: Test, url: string | null) {
  const lines: { level: number; msg: string }[] = [];
  const app = fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } });
  const config = { redisUrl: url, redisSentinels: null, redisCluster: null };
  app.register(clockPlugin);
  app.register(redisPlugin, { config, random: () => 0 });
  const startMs = performance.now();
  await app.ready();
  let isClosed = false;
  const close = async () => {
    const closeMs = performance.now();
    if (!isClosed) await app.close();
    isClosed = true;
    return performance.now() - closeMs;
  };
  t.teardown(close);
  return { app, lines, bootMs: performance.now() - startMs, close };
}

async function until(condition: () => boolean, withinMs = 5000): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

t.test('without a URL there is no client and no decorator', async (t) => {
  const { app } = await withRedis(t, null);
  t.equal(app.redisConnection.client, null);
  t.notOk(app.redisConnection.isReady());
  t.notOk(app.hasDecorator('redis'));
});

t.test('with Redis there, app.redis is our own client, ready from the start', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { app, close } = await withRedis(t, server.url);
  t.ok(app.redisConnection.isReady());
  t.equal(app.redis.status, 'ready');
  t.equal(await app.redis.set('dc:x', '1'), 'OK');
  t.equal(await app.redisConnection.client?.get('dc:x'), '1', 'one client by both names');
  t.ok((await close()) < 1000);
  t.ok(await until(() => app.redisConnection.client?.status === 'end'));
});

t.test('with nobody there it starts, fails commands at once, tells once, and stops', async (t) => {
  const { app, lines, bootMs, close } = await withRedis(t, 'redis://user:secret@127.0.0.1:1');
  t.ok(bootMs < 1500, `${bootMs} ms`);
  t.notOk(app.redisConnection.isReady());
  t.not(app.redis.status, 'ready', 'the truth, once the plugin is registered');
  const startMs = performance.now();
  await t.rejects(app.redis.get('dc:x'));
  t.ok(performance.now() - startMs < 100, 'nothing queues up');
  await until(() => false, 500);
  t.equal(lines.filter(({ level }) => level >= 40).length, 1, 'one warning for many attempts');
  t.notMatch(JSON.stringify(lines), 'secret');
  t.ok((await close()) < 1000);
});

t.test('a Redis that comes back is used again', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { app, lines } = await withRedis(t, server.url);
  await server.kill();
  t.ok(await until(() => !app.redisConnection.isReady()));
  await server.restart();
  t.ok(await until(() => app.redisConnection.isReady()));
  t.equal(await app.redis.set('dc:x', '1'), 'OK');
  t.same(lines.filter(({ msg }) => msg === 'Redis answers').length, 2);
});

t.test(
  'a frozen Redis fails commands within the time-outs, and does not hold up start or stop',
  async (t) => {
    const server = await startRedis();
    t.teardown(() => server.stop());
    const { app, close } = await withRedis(t, server.url);
    server.freeze();
    const startMs = performance.now();
    await t.rejects(app.redis.get('dc:x'));
    t.ok(performance.now() - startMs < 700);
    t.ok(await until(() => !app.redisConnection.isReady(), 2000), 'the dead connection is noticed');
    t.ok((await close()) < 1000);
    const late = await withRedis(t, server.url);
    t.ok(late.bootMs < 1500, `${late.bootMs} ms`);
    server.thaw();
    t.ok(await until(() => late.app.redisConnection.isReady()), 'and used once it thaws');
  },
);

t.test('a frozen Redis does not hold up the stop of a connection that seems ready', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { close } = await withRedis(t, server.url);
  server.freeze();
  t.ok((await close()) < 1000);
  server.thaw();
});
