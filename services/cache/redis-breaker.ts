import { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import { onRedisChange } from './redis-changes.js';
import type { RedisClient } from './redis-client.js';

/** The breaker of layer two. Its next probe does not wait out the second when there is somebody else to ask. */
export function redisBreaker(
  client: RedisClient,
  { clock, moved }: { clock: Clock; moved?: (isOpen: boolean) => void },
): Breaker {
  const breaker = new Breaker(moved ? { clock, moved } : { clock });
  onRedisChange(client, () => breaker.probeNow());
  return breaker;
}
