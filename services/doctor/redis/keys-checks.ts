import { type Check, check, type Found, foundIf, type Seen } from '../check.js';
import { someOf } from '../words.js';
import type { RedisRights } from './redis-rights.js';
import { infoFields, type RedisSeen } from './redis-seen.js';

/** Keys of ours that are no entries: root, log, members, ledger, history. */
const OWN_KEYS_COUNT = 100;
const OTHERS_FACTOR = 2;
const OTHERS_MIN_COUNT = 1000;

/** What may be done in Redis, and whose keys are there. */
export const redisKeysChecks: readonly Check[] = [
  check({
    id: 'redis-rights',
    group: 'redis',
    severity: 'error',
    what: 'The user of the service may do what docs/redis.md lists',
    fix: 'give the user the rules of docs/redis.md with ACL SETUSER, and REDIS_PREFIX in place of dc:',
    needs: ['redis'],
    run: ({ redis: { rights } }) =>
      ofRights(rights, ({ refused }) =>
        foundIf(refused.length > 0, () => ({
          evidence: `refused on keys of our prefix: ${someOf(refused)}`,
          severity: refused.every((command) => command === 'PUBLISH') ? 'warning' : 'error',
        })),
      ),
  }),
  check({
    id: 'redis-rights-wide',
    group: 'redis',
    severity: 'note',
    what: 'The user of the service may not do what it never does',
    fix: 'make the limited user of docs/redis.md, and name it in REDIS_URL',
    needs: ['redis'],
    run: ({ redis: { rights } }) =>
      ofRights(rights, ({ dangerous }) =>
        foundIf(dangerous.length > 0, () => ({ evidence: `the user may also run ${someOf(dangerous)}` })),
      ),
  }),
  check({
    id: 'redis-keyspace',
    group: 'redis',
    severity: 'warning',
    what: 'The keyspace that is asked here has the entries that the service says it keeps',
    fix: 'run this with the REDIS_URL and REDIS_PREFIX of the service; if they are, find out who flushes that database',
    needs: ['redis', 'statistics'],
    run: ({ redis, statistics }) => {
      const keysCount = keysIn(redis);
      const entriesCount = statistics.redis?.entries ?? 0;
      return foundIf(keysCount < entriesCount, () => ({
        evidence: `the service counts ${entriesCount} entries in Redis; database ${redis.database} has ${keysCount} keys in all`,
      }));
    },
  }),
  check({
    id: 'redis-shared',
    group: 'redis',
    severity: 'note',
    what: 'The database is not mostly used by others',
    fix: 'give dashcache a database, or better a server of its own: evictions and FLUSHALL of others are felt here',
    needs: ['redis', 'statistics'],
    run: ({ redis, statistics }) => {
      if (statistics.redis === null) return [];
      const othersCount = keysIn(redis) - statistics.redis.entries - OWN_KEYS_COUNT;
      const isMostly =
        othersCount > OTHERS_MIN_COUNT && othersCount > OTHERS_FACTOR * statistics.redis.entries;
      return foundIf(isMostly, () => ({
        evidence: `database ${redis.database} has some ${othersCount} keys beside our ${statistics.redis?.entries} entries`,
      }));
    },
  }),
];

function ofRights(
  rights: RedisRights | null,
  judge: (rights: RedisRights) => readonly Found[],
): readonly Seen[] {
  return rights === null ? [{ unseen: 'rights cannot be tried on a replica' }] : judge(rights);
}

function keysIn({ nodes, database }: RedisSeen): number {
  return nodes.reduce((sum, { info }) => sum + Number(infoFields(info, `db${database}`).get('keys') ?? 0), 0);
}
