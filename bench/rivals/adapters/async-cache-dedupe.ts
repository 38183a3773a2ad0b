import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';
import type { Library } from '../rival.js';

interface Defined {
  value(key: string): Promise<unknown>;
}

export const library: Library = {
  name: 'async-cache-dedupe',
  settings:
    'redis storage, "the best choice for a shared cache" (it is instead of memory), invalidation by references that live as long as the entries; no stale',
  hasMemory: false,
  isMarker: (redisKey) => /^[rk]:/.test(redisKey),
  async open({ redisUrl, ttlMs, load }) {
    const client = new Redis(redisUrl);
    client.on('error', () => {});
    const ttl = Math.ceil(ttlMs / 1000);
    const cache = createCache({
      ttl,
      storage: { type: 'redis', options: { client, invalidation: { referencesTTL: ttl } } },
    });
    cache.define('value', { references: () => ['bench'] }, load);
    const defined = cache as unknown as Defined;
    return {
      read: (key) => defined.value(key),
      invalidate: (key) => cache.clear('value', key),
      invalidateTag: () => cache.invalidateAll('bench'),
      async close() {
        client.disconnect();
      },
    };
  },
};
