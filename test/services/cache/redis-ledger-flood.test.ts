import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { RedisLedger } from '../../../services/cache/redis-ledger.js';
import { silentLog } from '../../../services/log.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';

const MAX_BYTES = 4_000_000;
const VALUE_BYTES = 2000;
const BATCH_COUNT = 50;
const BATCHES_COUNT = 60;
const BATCH_BYTES = BATCH_COUNT * (VALUE_BYTES + 600);
/** Of the old pace: one step of each process in three seconds, at 500 entries a second. */
const BATCHES_PER_STEP_COUNT = 30;

/** Two processes store batches in turn. The most that their prefix holds after a batch and what it set off. */
async function flood(t: Test, { isStarted }: { isStarted: boolean }): Promise<number> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  await redis.ping();
  t.teardown(async () => {
    redis.disconnect();
    await server.stop();
  });
  const clock = new ManualClock();
  const ledger = () => new RedisLedger({ redis, prefix: 'dc:', clock, log: silentLog, maxBytes: MAX_BYTES });
  const ledgers = [ledger(), ledger()];
  for (const one of ledgers) {
    await one.step();
    if (isStarted) one.start();
  }
  for (const one of ledgers) await one.step();
  let mostBytes = 0;
  for (let batch = 0; batch < BATCHES_COUNT; batch++) {
    const one = ledgers[batch % 2];
    for (let i = 0; i < BATCH_COUNT; i++) {
      const hash = randomBytes(24).toString('base64url');
      await redis.set(`dc:{${hash}}:v`, randomBytes(VALUE_BYTES), 'PX', 3_600_000);
      one?.stored(hash, VALUE_BYTES, clock.nowMs() + 3_600_000);
    }
    mostBytes = Math.max(mostBytes, await prefixBytes(redis));
    // 500 entries a second.
    clock.advance(100);
    if (!isStarted && batch % BATCHES_PER_STEP_COUNT === BATCHES_PER_STEP_COUNT - 1)
      for (const each of ledgers) await each.step();
  }
  for (const one of ledgers) await one.close();
  return mostBytes;
}

async function prefixBytes(redis: Redis): Promise<number> {
  const keys = await redis.keys('dc:*');
  const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key)));
  return sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}

t.test(
  'given a flood by two processes, the prefix never holds more than its limit and one batch',
  async (t) => {
    const mostBytes = await flood(t, { isStarted: true });
    t.ok(mostBytes <= MAX_BYTES + BATCH_BYTES, `${mostBytes} bytes`);
    t.ok(mostBytes > 0.8 * MAX_BYTES, 'and the limit was near');
  },
);

t.test('control: with the steps of every three seconds alone it holds far more', async (t) => {
  const mostBytes = await flood(t, { isStarted: false });
  t.ok(mostBytes > 1.2 * MAX_BYTES, `${mostBytes} bytes`);
});
