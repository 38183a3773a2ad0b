import { startCluster } from '../../helpers/redis-cluster.js';
import { startSentinel } from '../../helpers/redis-sentinel.js';
import { startRedis } from '../../helpers/redis-server.js';

/** A Redis of one kind, and the settings that lead to it. */
export interface Topology {
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts a Redis of each kind. */
export const TOPOLOGIES = {
  async single() {
    const redis = await startRedis();
    return { environment: { REDIS_URL: redis.url }, stop: () => redis.stop() };
  },
  async Sentinel() {
    const redis = await startSentinel();
    const environment = { REDIS_SENTINELS: `redis://${addressesOf(redis.sentinels)}/${redis.name}` };
    return { environment, stop: () => redis.stop() };
  },
  async Cluster() {
    const redis = await startCluster();
    return { environment: { REDIS_CLUSTER: addressesOf(redis.nodes) }, stop: () => redis.stop() };
  },
} as const satisfies Record<string, () => Promise<Topology>>;

function addressesOf(nodes: readonly { readonly host: string; readonly port: number }[]): string {
  return nodes.map(({ host, port }) => `${host}:${port}`).join();
}
