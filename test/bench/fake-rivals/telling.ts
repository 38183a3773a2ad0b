import { Redis } from 'ioredis';
import type { Library } from '../../../bench/rivals/rival.js';

interface Held {
  readonly value: unknown;
  readonly madeMs: number;
  readonly untilMs: number;
}

/** Memory, messages that may be lost, and an instant of the invalidator's clock in Redis for the tag. */
export const library: Library = {
  name: 'telling',
  settings: 'none',
  hasMemory: true,
  isMarker: (redisKey) => redisKey === 'tag',
  async open({ redisUrl, ttlMs, load }) {
    const [redis, bus] = [new Redis(redisUrl), new Redis(redisUrl)];
    for (const client of [redis, bus]) client.on('error', () => {});
    const held = new Map<string, Held>();
    bus.on('message', (_, key) => held.delete(key));
    await bus.subscribe('gone');
    return {
      async read(key) {
        const known = held.get(key);
        const goneMs = Number(await redis.get('tag'));
        if (known && known.untilMs > performance.now() && known.madeMs > goneMs) return known.value;
        const value = await load(key);
        held.set(key, { value, madeMs: Date.now(), untilMs: performance.now() + ttlMs });
        return value;
      },
      invalidate: async (key) => void (await redis.publish('gone', key)),
      invalidateTag: async () => void (await redis.set('tag', Date.now())),
      async close() {
        for (const client of [redis, bus]) client.disconnect();
      },
    };
  },
};
