import { Redis } from 'ioredis';
import t from 'tap';
import { redisStringBytes } from '../../../services/cache/redis-memory.js';
import { startRedis } from '../../helpers/redis-server.js';

t.test('strings of all sizes: within 10 % of what Redis tells of each', async (t) => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  t.teardown(async () => {
    redis.disconnect();
    await server.stop();
  });
  const key = `dc:{${'k'.repeat(32)}}:v`;
  for (const bytes of [60, 200, 300, 1000, 1025, 5000, 20_000, 100_000, 1_000_000]) {
    await redis.set(key, Buffer.alloc(bytes, 7), 'PX', 60_000);
    // MEMORY USAGE counts one dictionary entry; the expiry's, and the slots of both tables, come on top.
    const told = Number(await redis.memory('USAGE', key)) + 32 + 24;
    const ratio = redisStringBytes(key.length, bytes) / told;
    t.ok(ratio > 0.9 && ratio < 1.1, `${bytes} bytes: told ${told}, ratio ${ratio.toFixed(3)}`);
  }
});
