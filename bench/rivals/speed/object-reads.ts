import { randomUUID } from 'node:crypto';
import type { Library } from '../rival.js';
import { redisUrl, TTL_MS } from './constant.js';

type Load = () => Promise<object>;
/** From the cache; the first time by the load. */
type Read = () => Promise<unknown>;

/** Not a key that Redis may still have of another body, or of another way of keeping it. */
const KEY = `constant-${randomUUID()}`;

/** What keeps the object that the answer is made of. A process loads only what it shows. */
export const OBJECT_READS: Readonly<Record<string, (load: Load) => Promise<Read>>> = {
  'async-cache-dedupe': async (load) => {
    const { createCache } = await import('async-cache-dedupe');
    const cache = createCache({ ttl: TTL_MS / 1000, storage: { type: 'memory' } });
    const { value } = cache.define('value', (_key: string) => load());
    return () => value(KEY);
  },

  'lru-fetch': async (load) => {
    const { LRUCache } = await import('lru-cache');
    const cache = new LRUCache<string, object>({ max: 1000, ttl: TTL_MS, fetchMethod: load });
    return () => cache.fetch(KEY);
  },

  'cache-manager': async (load) => {
    const { createCache } = await import('cache-manager');
    const cache = createCache({ ttl: TTL_MS });
    return () => cache.wrap(KEY, load);
  },

  // The tiers of ../adapters/bentocache.ts, and no tags: nothing is invalidated by them here.
  bentocache: async (load) => {
    const { BentoCache, bentostore } = await import('bentocache');
    const { memoryDriver } = await import('bentocache/drivers/memory');
    const { redisBusDriver, redisDriver } = await import('bentocache/drivers/redis');
    const { Redis } = await import('ioredis');
    const connection = new Redis(redisUrl());
    const busConnection = new Redis(redisUrl());
    const cache = new BentoCache({
      default: 'shared',
      ttl: TTL_MS,
      stores: {
        shared: bentostore()
          .useL1Layer(memoryDriver({ maxSize: '64mb' }))
          .useL2Layer(redisDriver({ connection }))
          .useBus(redisBusDriver({ connection: busConnection, retryQueue: { enabled: true } })),
      },
    });
    return () => cache.getOrSet({ key: KEY, factory: load });
  },

  // The tiers of ../adapters/cacheable.ts, and no tags: with them every read asks Redis twice.
  cacheable: async (load) => {
    const { createKeyv } = await import('@keyv/redis');
    const { RedisMessageProvider } = await import('@qified/redis');
    const { Cacheable } = await import('cacheable');
    const provider = new RedisMessageProvider({ uri: redisUrl() });
    await provider.connect();
    const cache = new Cacheable({
      ttl: TTL_MS,
      secondary: createKeyv(redisUrl()),
      sync: { qified: provider },
    });
    return () => cache.getOrSet(KEY, load, { throwErrors: true });
  },

  'bentocache-tags': async (load) => opened((await import('../adapters/bentocache.js')).library, load),

  'cacheable-tags': async (load) => opened((await import('../adapters/cacheable.js')).library, load),
};

/** As the other measurements have it, with a tag on every entry. */
async function opened(library: Library, load: Load): Promise<Read> {
  const rival = await library.open({ redisUrl: redisUrl(), ttlMs: TTL_MS, load });
  return () => rival.read(KEY);
}
