import { Cluster, Redis } from 'ioredis';
import type { RedisClient } from './redis-client.js';
import { nodeOptions, serverOptions } from './redis-profile.js';
import type { RedisNode, RedisTopology } from './redis-topology.js';

const ONCE = {
  retryStrategy: null,
  sentinelRetryStrategy: () => null,
  enableReadyCheck: false,
  autoResubscribe: false,
} as const;

export interface SubscriberOptions {
  readonly topology: RedisTopology;
  /** Of the commands: a Cluster's knows the nodes. */
  readonly client: RedisClient;
  /** Gives [0, 1). */
  readonly random: () => number;
}

/**
 * Makes connections for a subscription, each for one life: it is not connected yet and does not connect again. In a Cluster
 * every node hears what is published on any other; each connection goes to the next node, so a dead one is left behind.
 */
export function subscriberOpener({ topology, client, random }: SubscriberOptions): () => Redis {
  if (topology.kind === 'single')
    return () => new Redis(topology.url, { ...serverOptions(topology), ...ONCE });
  if (topology.kind === 'sentinel') return () => new Redis({ ...serverOptions(topology), ...ONCE });
  // Not all processes at the same node.
  let turn = Math.floor(random() * 1000);
  return () => {
    const nodes = knownNodes(client, topology.nodes);
    const node = nodes[turn++ % nodes.length];
    return new Redis({ ...nodeOptions(topology), ...node, ...ONCE });
  };
}

function knownNodes(client: RedisClient, first: readonly RedisNode[]): readonly RedisNode[] {
  const known = client instanceof Cluster ? client.nodes() : [];
  const nodes = known.map(({ options: { host = '', port = 0 } }) => ({ host, port }));
  return nodes.length > 0 ? nodes : first;
}
