import { type Check, check, foundIf, type Seen } from '../check.js';
import { infoNumber } from './redis-seen.js';

const SLOW_PING_MS = 5;
const MIN_MAJOR_VERSION = 7;
const CLIENTS_SHARE = 0.8;

/** Whether Redis is there, quick, new enough and has room for clients. */
export const redisReachChecks: readonly Check[] = [
  check({
    id: 'redis-configured',
    group: 'redis',
    severity: 'note',
    what: 'There is a second cache layer, shared by all processes',
    fix: 'set REDIS_URL (or REDIS_SENTINELS, REDIS_CLUSTER) as docs/redis.md says; without it a restart begins cold',
    needs: ['redisReach'],
    run: ({ redisReach }) =>
      foundIf(redisReach === null, () => ({ evidence: 'no Redis is in the settings: memory only' })),
  }),
  check({
    id: 'redis-ping',
    group: 'redis',
    severity: 'error',
    what: 'Redis answers PING to the user of the service',
    fix: 'start Redis, or correct its address, user and password (REDIS_URL and its like); dashcache goes on with it by itself',
    needs: ['redisReach'],
    run: ({ redisReach }) =>
      redisReach?.problem ? [{ evidence: `Redis (${redisReach.kind}): ${redisReach.problem}` }] : [],
  }),
  check({
    id: 'redis-latency',
    group: 'redis',
    severity: 'warning',
    what: 'A round trip to Redis takes a few milliseconds at the most',
    fix: 'put Redis beside the service, and look for what holds it up: `redis-cli --latency`, SLOWLOG, swapping, large keys of others',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, pingsMs }) => {
        const sorted = pingsMs.toSorted((a, b) => a - b);
        const medianMs = sorted[Math.floor(sorted.length / 2)] ?? 0;
        const worstMs = sorted.at(-1) ?? 0;
        return foundIf(medianMs > SLOW_PING_MS, () => ({
          evidence: `${name}: PING took ${medianMs.toFixed(1)} ms in the median of ${sorted.length}, ${worstMs.toFixed(1)} ms at the worst`,
        }));
      }),
  }),
  check({
    id: 'redis-clients',
    group: 'redis',
    severity: 'warning',
    what: 'Redis has room for more connections',
    fix: 'raise maxclients of Redis, or find who opens so many connections (CLIENT LIST)',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }): readonly Seen[] => {
        const clientsCount = infoNumber(info, 'connected_clients') ?? 0;
        const maxCount = infoNumber(info, 'maxclients');
        if (maxCount === null) return [{ unseen: `${name} does not tell maxclients` }];
        return foundIf(clientsCount > CLIENTS_SHARE * maxCount, () => ({
          evidence: `${name}: ${clientsCount} of ${maxCount} connections are in use`,
        }));
      }),
  }),
  check({
    id: 'redis-version',
    group: 'redis',
    severity: 'error',
    what: 'Redis is 7.0 or newer, or Valkey 7.2 or newer',
    fix: 'upgrade the server: commands and scripts of dashcache need Redis 7.0',
    needs: ['redis'],
    run: ({ redis }) =>
      redis.nodes.flatMap(({ name, info }): readonly Seen[] => {
        const version = info.get('redis_version');
        if (version === undefined) return [{ unseen: `${name} does not tell its version` }];
        return foundIf(Number.parseInt(version, 10) < MIN_MAJOR_VERSION, () => ({
          evidence: `${name} is version ${version}`,
        }));
      }),
  }),
];
