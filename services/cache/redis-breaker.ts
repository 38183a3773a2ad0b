import { Cluster } from 'ioredis';
import { Breaker } from '../breaker.js';
import type { Clock } from '../clock.js';
import type { RedisClient } from './redis-client.js';

/**
 * The breaker of layer two. Its next probe does not wait out the second when the client has somebody else to ask: a new
 * connection, or another master of the Cluster.
 */
export function redisBreaker(
  client: RedisClient,
  { clock, moved }: { clock: Clock; moved?: (isOpen: boolean) => void },
): Breaker {
  const breaker = new Breaker(moved ? { clock, moved } : { clock });
  client.on('ready', () => breaker.probeNow());
  if (client instanceof Cluster) {
    let known = mastersOf(client);
    client.on('refresh', () => {
      const masters = mastersOf(client);
      if (masters !== known) breaker.probeNow();
      known = masters;
    });
  }
  return breaker;
}

function mastersOf(cluster: Cluster): string {
  const addresses = cluster.nodes('master').map(({ options: { host, port } }) => `${host}:${port}`);
  return addresses.sort().join();
}
