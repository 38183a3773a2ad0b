import { hostname } from 'node:os';

const LOOPBACK = /(^|[/,@])(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/,]|$)/i;

export interface SharedRedis {
  readonly redisUrl: string | null;
  readonly redisSentinels: string | null;
  readonly redisCluster: string | null;
  readonly redisPrefix: string;
}

/**
 * Names the processes that share their invalidations by one Redis and prefix: what one of them hears holds for all. Two groups that
 * took each other for one would leave one of them deaf, so a Redis that each host calls its own makes a group of that host. Null:
 * there is no Redis.
 */
export function feedGroup({
  redisUrl,
  redisSentinels,
  redisCluster,
  redisPrefix,
}: SharedRedis): string | null {
  const address = redisSentinels ?? redisCluster ?? redisUrl;
  if (address === null) return null;
  // Passwords change, and one process after the other learns of it.
  const bare = address.replace(/\/\/[^@/]*@/, '//').replace(/[?&]\w*password=[^&]*/g, '');
  const isOwn = LOOPBACK.test(bare) || bare.startsWith('unix:') || bare.startsWith('/');
  return JSON.stringify([bare, redisPrefix, ...(isOwn ? [hostname()] : [])]);
}
