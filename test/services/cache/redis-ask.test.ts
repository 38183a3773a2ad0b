import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { RedisAsk } from '../../../services/cache/redis-ask.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';

async function setUp(test: Test) {
  const server = await startRedis();
  const redis = new Redis(server.url, { retryStrategy: () => 50 });
  redis.on('error', () => {});
  test.teardown(async () => {
    redis.disconnect();
    await server.stop();
  });
  await redis.ping();
  const clock = new ManualClock();
  return { server, redis, clock, ask: new RedisAsk({ redis, clock, deadlineMs: 300 }) };
}

t.test('Redis answers: its answer, and no timer stays', async (t) => {
  const { clock, ask } = await setUp(t);
  t.equal(await ask.inTime((redis) => redis.set('dc:a', 'b')), 'OK');
  const script = "return {redis.call('GET', KEYS[1]), ARGV[1]}";
  t.same(await ask.run({ script, keys: ['dc:a'], args: [5] }), ['b', '5']);
  t.equal(clock.pendingTimers, 0);
});

t.test('Redis refuses: its error', async (t) => {
  const { ask } = await setUp(t);
  await t.rejects(ask.run({ script: 'nonsense', keys: [], args: [] }), /ERR/);
});

t.test('Redis is frozen: rejects when the deadline is over, not before', async (t) => {
  const { server, clock, ask } = await setUp(t);
  server.freeze();
  let ended = false;
  const answer = ask
    .inTime((redis) => redis.ping())
    .finally(() => {
      ended = true;
    });
  answer.catch(() => {});
  clock.advance(299);
  await new Promise(setImmediate);
  t.equal(ended, false);
  clock.advance(1);
  await t.rejects(answer, /did not answer within 300 ms/);
  server.thaw();
});

t.test('no connection: rejects at once, and nothing queues up', async (t) => {
  const { server, redis, clock, ask } = await setUp(t);
  await server.kill();
  while (redis.status === 'ready') await new Promise(setImmediate);
  let asked = false;
  const command = async () => {
    asked = true;
  };
  await t.rejects(ask.inTime(command), /not connected/);
  t.equal(asked, false);
  t.equal(clock.pendingTimers, 0);
});
