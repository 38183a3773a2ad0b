import { Cluster } from 'ioredis';
import type { RedisClient } from './redis-client.js';

/** Tells when the client has somebody else to ask, a new connection or another master of the Cluster, until the result is called. */
export function onRedisChange(client: RedisClient, changed: () => void): () => void {
  let known = mastersOf(client);
  const refreshed = () => {
    const masters = mastersOf(client);
    if (masters !== known) changed();
    known = masters;
  };
  client.on('ready', changed);
  client.on('refresh', refreshed);
  return () => {
    client.off('ready', changed);
    client.off('refresh', refreshed);
  };
}

/** Only a Cluster has several, and tells when it has asked who they are. */
function mastersOf(client: RedisClient): string {
  if (!(client instanceof Cluster)) return '';
  const addresses = client.nodes('master').map(({ options: { host, port } }) => `${host}:${port}`);
  return addresses.sort().join();
}
