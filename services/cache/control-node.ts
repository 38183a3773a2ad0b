import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './redis-client.js';

/** Where every key with {g} lies, whatever its prefix. */
export const CONTROL_SLOT = 7233;

/**
 * The connection on which the control slot is written: WAIT has no key, so a Cluster would send it to any node. Null while that
 * node is not known.
 */
export function controlNode(client: RedisClient): Redis | null {
  if (!(client instanceof Cluster)) return client;
  const [address] = client.slots[CONTROL_SLOT] ?? [];
  const isThat = ({ options: { host, port } }: Redis): boolean => `${host}:${port}` === address;
  return client.nodes('master').find(isThat) ?? null;
}
