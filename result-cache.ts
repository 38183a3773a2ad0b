import { redisTopologyOf } from './config/redis-topology.js';
import { configSchema } from './config/settings.js';
import {
  openResultCache,
  type ResultCache,
  type ResultCacheSettings,
} from './services/results/result-cache.js';

const REDIS_OPTIONS = ['redisUrl', 'redisSentinels', 'redisCluster'] as const;

/** Where Redis is: as the plugin's options and the settings of the service say it. */
type RedisOptions = { readonly [Option in (typeof REDIS_OPTIONS)[number]]?: string | undefined };

export interface ResultCacheOptions extends Omit<ResultCacheSettings, 'redis'>, RedisOptions {
  /** One server: `redis://` or `rediss://`. Without it and the next two: memory only. */
  readonly redisUrl?: string | undefined;
  /** In place of `redisUrl`: sentinels and the name of their master, as REDIS_SENTINELS. */
  readonly redisSentinels?: string | undefined;
  /** In place of `redisUrl`: some nodes of a Redis Cluster, as REDIS_CLUSTER. */
  readonly redisCluster?: string | undefined;
}

/**
 * A cache of its own for function results, with Redis behind it where processes are to share them. Throws a TypeError when an
 * option is wrong.
 */
export function createResultCache(options: ResultCacheOptions = {}): ResultCache {
  const { redisUrl, redisSentinels, redisCluster, ...others } = options;
  const given = { redisUrl, redisSentinels, redisCluster };
  checkGiven(given);
  const redis = redisTopologyOf({
    redisUrl: redisUrl ?? null,
    redisSentinels: redisSentinels ?? null,
    redisCluster: redisCluster ?? null,
  });
  return openResultCache({ ...others, redis });
}

function checkGiven(given: RedisOptions): void {
  const [first, second] = REDIS_OPTIONS.filter((name) => given[name] !== undefined);
  if (first && second)
    throw new TypeError(
      `"${first}" and "${second}" are both given, but there is one Redis: keep one of them`,
    );
  if (!first) return;
  const { about, read } = configSchema.properties[first];
  const text: unknown = given[first];
  // It is not shown: it may hold a password.
  if (typeof text !== 'string' || text === '' || read(text) === undefined)
    throw new TypeError(`"${first}" cannot be read; accepted: ${about.accepts}`);
}
