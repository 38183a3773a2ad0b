import type { Redis } from 'ioredis';

export interface RedisBytes {
  readonly keysCount: number;
  /** What Redis says that our keys take, each with its name and all overhead. */
  readonly prefixBytes: number;
  /** used_memory of the whole server. */
  readonly usedBytes: number;
}

export async function redisBytes(redis: Redis, prefix: string): Promise<RedisBytes> {
  let keysCount = 0;
  let prefixBytes = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000);
    cursor = next;
    const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
    keysCount += keys.length;
    prefixBytes += sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  } while (cursor !== '0');
  return { keysCount, prefixBytes, usedBytes: await usedBytes(redis) };
}

export async function usedBytes(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
}
