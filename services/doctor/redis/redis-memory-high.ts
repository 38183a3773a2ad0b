import { type Check, check, type Found, foundIf } from '../check.js';
import type { Gathered } from '../facts.js';
import { bytesInWords, percentInWords } from '../words.js';
import { infoNumber, type RedisNodeSeen } from './redis-seen.js';

/** What the checklist of every roll-out has as its limit. */
const HIGH_BYTES = 500_000_000;
const WASTE_RATIO = 1.5;
const LARGE_ENTRY_BYTES = 200_000;

/** More than 500 MB in Redis, with the cause that the figures point to. */
export const redisMemoryHigh: Check = check({
  id: 'redis-memory-high',
  group: 'redis',
  severity: 'warning',
  what: 'Redis takes less than 500 MB',
  fix: 'lower REDIS_MAX_BYTES: rarely read entries go first',
  needs: ['redis'],
  run: ({ redis }, gathered) =>
    redis.nodes.flatMap((node) => {
      const usedBytes = infoNumber(node.info, 'used_memory') ?? 0;
      const residentBytes = infoNumber(node.info, 'used_memory_rss') ?? 0;
      return foundIf(Math.max(usedBytes, residentBytes) > HIGH_BYTES, () => causeOf(node, gathered));
    }),
});

function causeOf({ name, info }: RedisNodeSeen, { statistics }: Gathered): Found {
  const usedBytes = infoNumber(info, 'used_memory') ?? 0;
  const residentBytes = infoNumber(info, 'used_memory_rss') ?? 0;
  const seen = `${name} takes ${bytesInWords(Math.max(usedBytes, residentBytes))}`;
  if (usedBytes <= HIGH_BYTES && residentBytes > WASTE_RATIO * usedBytes)
    return {
      evidence: `${seen} for ${bytesInWords(usedBytes)} of data: the rest is fragmentation`,
      fix: 'set `activedefrag yes` in redis.conf, or restart Redis at a quiet time',
    };
  const ours = statistics.known ? statistics.value.redis : null;
  if (ours === null)
    return {
      evidence: `${seen}; how much of it is ours nobody can tell, for the service does not say`,
      fix: 'start the service with CACHE_MONITORING=true and run this again; `redis-cli --memkeys` tells of others',
    };
  if (ours.bytes < usedBytes / 2)
    return {
      evidence: `${seen}, of which ours are ${bytesInWords(ours.bytes)}: the other ${percentInWords(1 - ours.bytes / usedBytes)} belong to others`,
      fix: 'give dashcache a Redis of its own, or find the others with `redis-cli --memkeys`; nothing of dashcache is to be flushed',
    };
  const entryBytes = ours.entries === 0 ? 0 : ours.values_bytes / ours.entries;
  if (entryBytes > LARGE_ENTRY_BYTES)
    return {
      evidence: `${seen}: ${ours.entries} entries of ours have ${bytesInWords(entryBytes)} each`,
      fix: 'have panels give fewer rows (a LIMIT, a coarser GROUP BY), set max_rows or max_bytes, and lower REDIS_MAX_BYTES',
    };
  return {
    evidence: `${seen}: ours are ${bytesInWords(ours.bytes)} in ${ours.entries} entries, and REDIS_MAX_BYTES allows ${bytesInWords(ours.max_bytes)}`,
    fix: 'lower REDIS_MAX_BYTES to what is wanted (100MB): rarely read entries go first; or shorten grace and align periods, so that fewer are kept',
  };
}
