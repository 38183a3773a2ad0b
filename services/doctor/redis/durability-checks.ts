import { type Check, check, type Found, foundIf } from '../check.js';
import { infoFields, infoNumber, type RedisInfo } from './redis-seen.js';

const LATE_REPLICA_SECONDS = 10;

/** Whether Redis takes writes, keeps what it takes and has it elsewhere too. */
export const redisDurabilityChecks: readonly Check[] = [
  check({
    id: 'redis-persistence',
    group: 'redis',
    severity: 'error',
    what: 'Redis saves where it is told to: after a failed save it refuses writes',
    fix: 'make room on the disk of Redis or correct its folder and rights (dir in redis.conf); or switch saving off: what is lost is loaded again',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }) => {
        const failed = [
          'rdb_last_bgsave_status',
          'aof_last_bgrewrite_status',
          'aof_last_write_status',
        ].filter((field) => info.get(field) === 'err');
        return foundIf(failed.length > 0, () => ({ evidence: `${name}: ${failed.join(', ')} = err` }));
      }),
  }),
  check({
    id: 'redis-replica',
    group: 'redis',
    severity: 'error',
    what: 'The address of Redis leads to a server that takes writes',
    fix: 'name the master in REDIS_URL, or let the sentinels lead there: REDIS_SENTINELS (docs/redis.md)',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }) =>
        foundIf(info.get('role') === 'slave', () => ({
          evidence: `${name} is a replica of ${info.get('master_host')}:${info.get('master_port')} (link ${info.get('master_link_status')})`,
        })),
      ),
  }),
  check({
    id: 'redis-replication',
    group: 'redis',
    severity: 'warning',
    what: 'Under Sentinel and in a Cluster a replica is ready to take over, and follows closely',
    fix: 'start a replica (or mend its line), and set min-replicas-to-write 1 and min-replicas-max-lag 2 under Sentinel',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }) => {
        const replicas = replicasOf(info);
        const late = replicas.filter(
          (replica) => replica.get('state') !== 'online' || Number(replica.get('lag')) > LATE_REPLICA_SECONDS,
        );
        const none = redis.kind !== 'single' && replicas.length === 0 && info.get('role') === 'master';
        return [
          ...foundIf(none, (): Found => ({ evidence: `${name} has no replica: if it goes, layer two goes` })),
          ...late.map((replica) => ({
            evidence: `${name}: replica ${replica.get('ip')}:${replica.get('port')} is ${replica.get('state')}, ${replica.get('lag')} s behind`,
          })),
          ...foundIf(
            redis.kind === 'sentinel' && replicas.length > 0 && !info.has('min_slaves_good_slaves'),
            (): Found => ({
              evidence: `${name}: min-replicas-to-write is not set: a master that is cut off is believed until it is demoted`,
            }),
          ),
        ];
      }),
  }),
];

function replicasOf(info: RedisInfo): ReadonlyMap<string, string>[] {
  const count = infoNumber(info, 'connected_slaves') ?? 0;
  return Array.from({ length: count }, (_, i) => infoFields(info, `slave${i}`)).filter(
    ({ size }) => size > 1,
  );
}
