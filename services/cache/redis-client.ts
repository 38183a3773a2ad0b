import { Cluster, Redis } from 'ioredis';
import type { Log } from '../log.js';
import { quietSockets } from './quiet-sockets.js';
import { logRedis } from './redis-log.js';
import { nodeOptions, retryDelayMs, serverOptions } from './redis-profile.js';
import type { ClusterRedis, RedisTopology } from './redis-topology.js';

const QUIT_WAIT_MS = 300;
/** A failover is over when the slots are known at their new places: a question to one node, by every process. */
const SLOTS_EVERY_MS = 500;
/** The node that is asked may be the frozen one: then another is. */
const SLOTS_DEADLINE_MS = 200;
/** A frozen master accepts connections and does not greet. */
const GREETING_DEADLINE_MS = 200;

/** How long a start waits for Redis: it goes on without (invariant 9). */
export const START_WAIT_MS = 500;

/** Commands for whatever topology. A call with several keys names keys of one slot alone. */
export type RedisClient = Redis | Cluster;

/** A client that connects in the background and again after every loss. Whoever opens it ends it with `closeRedisClient`. */
export function openRedisClient(topology: RedisTopology, log: Log): RedisClient {
  quietSockets();
  const client = topology.kind === 'cluster' ? openCluster(topology) : openServer(topology);
  logRedis(client, topology, log);
  client.connect().catch(() => {
    // The error event has told the log, and the retry strategy goes on.
  });
  return client;
}

function openServer(topology: Exclude<RedisTopology, ClusterRedis>): Redis {
  const options = serverOptions(topology);
  if (topology.kind === 'single') return new Redis(topology.url, options);
  return giveUpSilence(new Redis(options));
}

/** Who leads is asked at every attempt to connect: the sooner one that is in vain ends, the sooner the next leader is found. */
function giveUpSilence(redis: Redis): Redis {
  redis.on('connect', () => {
    const { stream } = redis;
    const isGreeted = () => redis.stream !== stream || redis.status !== 'connect';
    const timer = setTimeout(() => {
      // What came while this process was busy is read first.
      setImmediate(() => isGreeted() || stream.destroy());
    }, GREETING_DEADLINE_MS);
    stream.once('close', () => clearTimeout(timer));
  });
  return redis;
}

function openCluster(topology: ClusterRedis): Cluster {
  const cluster = new Cluster(
    topology.nodes.map(({ host, port }) => ({ host, port })),
    {
      lazyConnect: true,
      enableOfflineQueue: false,
      redisOptions: nodeOptions(topology),
      clusterRetryStrategy: retryDelayMs,
      slotsRefreshTimeout: SLOTS_DEADLINE_MS,
      // Names stay names: a certificate is for a name, and the system looks it up at every connection.
      dnsLookup: (address, found) => found(null, address),
    },
  );
  lookForSlots(cluster);
  return cluster;
}

/**
 * In place of ioredis's slotsRefreshInterval: where the end comes while an answer is awaited, that one sets its next timer all the
 * same, for ever, and the program does not end.
 */
function lookForSlots(cluster: Cluster): void {
  cluster.on('ready', () => {
    const timer = setInterval(() => cluster.refreshSlotsCache(), SLOTS_EVERY_MS);
    cluster.once('close', () => clearInterval(timer));
  });
}

/** Resolves when commands are answered, at the latest after `waitMs`. */
export function redisReady(client: RedisClient, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      client.off('ready', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    client.once('ready', done);
    if (client.status === 'ready') done();
  });
}

/** QUIT lets pending answers in; a Redis that does not answer must not hold up the stop. */
export async function closeRedisClient(client: RedisClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, QUIT_WAIT_MS);
  });
  if (client.status === 'ready') {
    await Promise.race([client.quit().catch(() => {}), waited]);
  }
  clearTimeout(timer);
  client.disconnect();
}
