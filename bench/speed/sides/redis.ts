import type { Lifetime } from '../../../test/helpers/lifetime.js';
import { type RedisServer, startRedis } from '../../../test/helpers/redis-server.js';
import { canPin, pinToCore } from '../../pin-to-core.js';
import { LOAD_CORE } from '../measure.js';

/** A Redis that no side pays for: left alone, it is put on the core of servers as often as not. */
export async function startRedisBesideLoad(life: Lifetime): Promise<RedisServer> {
  const redis = await startRedis();
  life.teardown(() => redis.stop());
  if (canPin()) pinToCore(redis.pid, LOAD_CORE);
  return redis;
}
