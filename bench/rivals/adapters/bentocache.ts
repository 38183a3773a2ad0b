import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { Redis } from 'ioredis';
import type { Library } from '../rival.js';

export const library: Library = {
  name: 'bentocache',
  settings:
    'memory + Redis + Redis bus with its retry queue ("Multi Tier"), tags; memory of 64 MB that serialises: with serialize: false, which is faster, 1.6.1 fails on values that came from Redis; no grace, as nobody serves expired data here',
  hasMemory: true,
  isMarker: (redisKey) => redisKey.includes('___bc:t:'),
  async open({ redisUrl, ttlMs, load }) {
    const connection = new Redis(redisUrl);
    const busConnection = new Redis(redisUrl);
    // Told of lost connections and of failed factories; the readers get the errors.
    for (const redis of [connection, busConnection]) redis.on('error', () => {});
    const cache = new BentoCache({
      default: 'shared',
      ttl: ttlMs,
      stores: {
        shared: bentostore()
          .useL1Layer(memoryDriver({ maxSize: '64mb' }))
          .useL2Layer(redisDriver({ connection }))
          .useBus(redisBusDriver({ connection: busConnection, retryQueue: { enabled: true } })),
      },
    });
    return {
      read: (key) => cache.getOrSet({ key, factory: () => load(key), tags: ['bench'] }),
      invalidate: async (key) => void (await cache.delete({ key })),
      invalidateTag: async () => void (await cache.deleteByTag({ tags: ['bench'] })),
      async close() {
        await cache.disconnectAll();
        busConnection.disconnect();
      },
    };
  },
};
