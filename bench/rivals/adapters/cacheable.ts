import { createKeyv } from '@keyv/redis';
import { RedisMessageProvider } from '@qified/redis';
import { Cacheable, getOrSet } from 'cacheable';
import type { Library } from '../rival.js';

export const library: Library = {
  name: 'cacheable',
  settings:
    'memory + Redis by keyv + CacheSync over Redis pub/sub, tags: true; blocking, as non-blocking reads overlook Redis; getOrSet with set that hands on the tags, as its own does not',
  hasMemory: true,
  isMarker: (redisKey) => /--cacheable--tags--.*:tag:/.test(redisKey),
  async open({ redisUrl, ttlMs, load }) {
    const provider = new RedisMessageProvider({ uri: redisUrl });
    await provider.connect();
    const cache = new Cacheable({
      ttl: ttlMs,
      secondary: createKeyv(redisUrl),
      tags: true,
      sync: { qified: provider },
    });
    cache.on('error', () => {});
    const parts = {
      get: (key: string) => cache.get(key),
      has: (key: string) => cache.has(key),
      set: async (key: string, value: unknown) =>
        void (await cache.set(key, value, { ttl: ttlMs, tags: ['bench'] })),
      on: () => {},
      emit: () => true,
    };
    return {
      read: (key) =>
        getOrSet(key, () => load(key), { cache: parts, cacheId: cache.cacheId, throwErrors: true }),
      invalidate: async (key) => void (await cache.delete(key)),
      invalidateTag: async () => void (await cache.tags.invalidateTag('bench')),
      close: () => cache.disconnect(),
    };
  },
};
