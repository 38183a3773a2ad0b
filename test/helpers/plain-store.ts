import type { Entry } from '../../services/cache/entry.js';
import type { CacheKey } from '../../services/cache/key.js';
import { newLeaseValue } from '../../services/cache/lease-value.js';
import type { RedisStore } from '../../services/cache/redis-store.js';
import { newGeneration, newRoot } from '../../services/cache/stamp.js';

/** Nobody's generations: whatever lies in Redis will not do, so it is told, and the lease is given. */
const stamp = { root: newRoot(), generations: [newGeneration()] };
/** Always the same: a lease that an attempt in vain has left is this one's own. */
const lease = newLeaseValue(stamp);
const nothing = { graceMs: null, except: null, overtake: null };

/** Layer two without its leases, for tests of what lies below them. Whether Redis took the entry. */
export async function writePlain(store: RedisStore, entry: Entry): Promise<boolean> {
  const { keyHash: hash, tenantHash } = entry;
  await store.ask({ ...nothing, key: { hash, tenantHash }, stamp, lease });
  return (await store.fill(entry, lease)) === 'stored';
}

/** What lies there, whatever its generations. */
export async function readPlain(store: RedisStore, key: CacheKey): Promise<Entry | null> {
  const reply = await store.ask({ ...nothing, key, stamp, lease: null });
  return reply?.entry ?? null;
}
