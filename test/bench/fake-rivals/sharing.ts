import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Library } from '../../../bench/rivals/rival.js';

/** Everything in Redis, one load over all processes, random generations read before the load: slow, and never wrong. */
export const library: Library = {
  name: 'sharing',
  settings: 'none',
  hasMemory: false,
  isMarker: (redisKey) => redisKey.startsWith('generation:'),
  async open({ redisUrl, ttlMs, load }) {
    const redis = new Redis(redisUrl);
    const generation = async (name: string): Promise<string | null> => {
      await redis.set(`generation:${name}`, randomUUID(), 'NX');
      return redis.get(`generation:${name}`);
    };
    return {
      async read(key) {
        for (;;) {
          const proof = `${await generation('tag')} ${await generation(`key ${key}`)}`;
          const known = JSON.parse((await redis.get(`value:${key}`)) ?? '{}');
          if (known.proof === proof) return known.value;
          if (await redis.set(`lock:${key}`, '', 'PX', 30_000, 'NX')) {
            const value = await load(key);
            await redis.set(`value:${key}`, JSON.stringify({ proof, value }), 'PX', ttlMs);
            await redis.del(`lock:${key}`);
            return value;
          }
          await sleep(5);
        }
      },
      invalidate: async (key) => void (await redis.set(`generation:key ${key}`, randomUUID())),
      invalidateTag: async () => void (await redis.set('generation:tag', randomUUID())),
      close: async () => redis.disconnect(),
    };
  },
};
