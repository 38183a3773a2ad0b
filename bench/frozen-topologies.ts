import { setTimeout as sleep } from 'node:timers/promises';
import { askRedis } from '../test/helpers/ask-redis.js';
import { startCluster } from '../test/helpers/redis-cluster.js';
import { startSentinel } from '../test/helpers/redis-sentinel.js';
import type { RedisServer } from '../test/helpers/redis-server.js';

/** Several servers of which one can be frozen. */
export interface FreezableRedis {
  /** Of a service that uses it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Freezes the master that holds the control slot, so that layer two is away altogether. */
  freeze(): Promise<RedisServer>;
  /** Whether Redis itself names another by now: what comes after that is ours. */
  isReplaced(former: RedisServer): Promise<boolean>;
  stop(): Promise<void>;
}

/** A master with two replicas and three sentinels. */
export async function freezableSentinel(downAfterMs: number): Promise<FreezableRedis> {
  const redis = await startSentinel({ replicasCount: 2, downAfterMs });
  const hosts = redis.sentinels.map(({ host, port }) => `${host}:${port}`).join();
  const isAnother = async (port: number, former: RedisServer) => {
    const address = await askRedis(port, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', redis.name);
    return Array.isArray(address) && Number(address[1]) !== redis.lineOf(former).port;
  };
  return {
    environment: { REDIS_SENTINELS: `redis://${hosts}/${redis.name}` },
    freeze: () => redis.freezeMaster(),
    isReplaced: async (former) =>
      (await Promise.all(redis.sentinels.map(({ port }) => isAnother(port, former)))).some((is) => is),
    stop: () => redis.stop(),
  };
}

/** Three masters with a replica each, and a node time-out of a second. */
export async function freezableCluster(): Promise<FreezableRedis> {
  const cluster = await startCluster({ replicasCount: 1 });
  const hosts = cluster.nodes.map(({ host, port }) => `${host}:${port}`).join();
  return {
    environment: { REDIS_CLUSTER: `redis://${hosts}` },
    async freeze() {
      const owner = await cluster.ownerOf('dc:{g}:root');
      owner.freeze();
      return owner;
    },
    async isReplaced(former) {
      const asked = cluster.masters.find(({ port }) => port !== former.port);
      return (await cluster.ownerOf('dc:{g}:root', asked)).port !== former.port;
    },
    stop: () => cluster.stop(),
  };
}

/** Ms from `startMs` until it holds, asked all the time; a question that fails is a no. Rejects after 15 s. */
export async function msUntil(startMs: number, holds: () => Promise<boolean>): Promise<number> {
  for (;;) {
    if (await holds().catch(() => false)) return performance.now() - startMs;
    if (performance.now() - startMs > 15_000) throw new Error('Layer two did not come back within 15 s');
    await sleep(10);
  }
}
