import { type Check, check, type Found, foundIf, type Seen } from '../check.js';
import { bytesInWords, percentInWords } from '../words.js';
import { redisMemoryHigh } from './redis-memory-high.js';
import { infoNumber } from './redis-seen.js';

/** Below it the ratio is of the allocator's own pages and means nothing. */
const WASTE_MIN_BYTES = 100_000_000;
const WASTE_RATIO = 1.5;
const FULL_SHARE = 0.9;
const SAFE_POLICIES: ReadonlySet<string> = new Set(['volatile-lru', 'volatile-lfu', 'noeviction']);

/** What Redis does with its memory. */
export const redisMemoryChecks: readonly Check[] = [
  redisMemoryHigh,
  check({
    id: 'redis-maxmemory',
    group: 'redis',
    severity: 'warning',
    what: 'Redis may use more memory than REDIS_MAX_BYTES, and there is a limit',
    fix: 'set maxmemory in redis.conf to more than REDIS_MAX_BYTES and what others keep there',
    needs: ['redis', 'settings'],
    run: ({ redis, settings: { redisMaxBytes } }) =>
      redis.nodes.flatMap(({ name, info }): readonly Found[] => {
        const limitBytes = infoNumber(info, 'maxmemory') ?? 0;
        if (limitBytes === 0)
          return [
            {
              severity: 'note',
              evidence: `${name} has no maxmemory: the system ends it when the memory of the host is used up`,
            },
          ];
        // Of a Cluster each node has a part of ours.
        const oursBytes = redisMaxBytes / redis.nodes.length;
        return foundIf(limitBytes < oursBytes, () => ({
          evidence: `${name}: maxmemory is ${bytesInWords(limitBytes)}, and REDIS_MAX_BYTES allows us ${bytesInWords(oursBytes)} of it`,
        }));
      }),
  }),
  check({
    id: 'redis-memory-full',
    group: 'redis',
    severity: 'error',
    what: 'Redis is not about to refuse writes or to evict',
    fix: 'raise maxmemory, lower REDIS_MAX_BYTES, or move what others keep there to a server of their own',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }): readonly Seen[] => {
        const limitBytes = infoNumber(info, 'maxmemory') ?? 0;
        const usedBytes = infoNumber(info, 'used_memory') ?? 0;
        const policy = info.get('maxmemory_policy');
        return foundIf(limitBytes > 0 && usedBytes > FULL_SHARE * limitBytes, () => ({
          evidence: `${name}: ${bytesInWords(usedBytes)} of ${bytesInWords(limitBytes)} are used (${percentInWords(usedBytes / limitBytes)}), then ${
            policy === 'noeviction' ? 'writes are refused' : `keys are evicted by ${policy}`
          }`,
        }));
      }),
  }),
  check({
    id: 'redis-fragmentation',
    group: 'redis',
    severity: 'warning',
    what: 'The memory that Redis takes from the system holds data',
    fix: 'set `activedefrag yes` in redis.conf, or restart Redis at a quiet time: what it loses is loaded again',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }): readonly Seen[] => {
        const usedBytes = infoNumber(info, 'used_memory') ?? 0;
        const residentBytes = infoNumber(info, 'used_memory_rss') ?? 0;
        const wasteBytes = residentBytes - usedBytes;
        return foundIf(wasteBytes > WASTE_MIN_BYTES && residentBytes > WASTE_RATIO * usedBytes, () => ({
          evidence: `${name}: ${bytesInWords(residentBytes)} are taken for ${bytesInWords(usedBytes)} of data (ratio ${(residentBytes / usedBytes).toFixed(2)})`,
        }));
      }),
  }),
  check({
    id: 'redis-eviction-policy',
    group: 'redis',
    severity: 'warning',
    what: 'Redis never evicts what has no expiry: root, log and members',
    fix: 'set maxmemory-policy to volatile-lru, volatile-lfu or noeviction in redis.conf',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }): readonly Seen[] => {
        const policy = info.get('maxmemory_policy');
        if (policy === undefined) return [{ unseen: `${name} does not tell maxmemory_policy in INFO` }];
        return foundIf(!SAFE_POLICIES.has(policy), () => ({
          evidence: `${name}: maxmemory-policy is ${policy}; an evicted root costs a cold cache`,
        }));
      }),
  }),
  check({
    id: 'redis-evictions',
    group: 'redis',
    severity: 'warning',
    what: 'Redis has evicted nothing by itself: we keep our own limit',
    fix: 'raise maxmemory above REDIS_MAX_BYTES and what others keep there',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }): readonly Seen[] => {
        const evictedCount = infoNumber(info, 'evicted_keys') ?? 0;
        return foundIf(evictedCount > 0, () => ({
          evidence: `${name} has evicted ${evictedCount} keys since its start`,
        }));
      }),
  }),
  check({
    id: 'redis-prefix-full',
    group: 'redis',
    severity: 'warning',
    what: 'Our entries are not dropped early for want of REDIS_MAX_BYTES',
    fix: 'raise REDIS_MAX_BYTES (and maxmemory), or shorten ttl and grace of panels with many parameter combinations',
    needs: ['statistics'],
    run: ({ statistics: { redis } }) => {
      if (redis === null)
        return [
          {
            unseen: 'the service does not tell what it keeps in Redis: there is none, or it does not answer',
          },
        ];
      return foundIf(redis.bytes > FULL_SHARE * redis.max_bytes, () => ({
        evidence: `our prefix takes ${bytesInWords(redis.bytes)} of ${bytesInWords(redis.max_bytes)} in ${redis.entries} entries: rarely read ones are dropped`,
      }));
    },
  }),
];
