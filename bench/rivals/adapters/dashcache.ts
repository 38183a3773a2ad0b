// Not by index.ts, which exports it: that loads the whole service into every process.
import { createResultCache } from '../../../result-cache.js';
import type { Library } from '../rival.js';

export const library: Library = {
  name: 'dashcache',
  settings:
    'createResultCache with Redis and its defaults, no grace; the tag is that of all calls (invalidateAll); every caller gets a copy of its own',
  hasMemory: true,
  isMarker: (redisKey) => redisKey.includes('{g}:'),
  async open({ redisUrl, ttlMs, load }) {
    const cache = createResultCache({ redisUrl });
    const value = cache.cacheResult(load, { ttl: `${ttlMs}ms`, keyPrefix: 'bench' });
    return {
      read: (key) => value(key),
      invalidate: (key) => value.invalidate(key),
      invalidateTag: () => value.invalidateAll(),
      close: cache.close,
    };
  },
};
