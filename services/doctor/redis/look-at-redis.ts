import { Cluster, type Redis } from 'ioredis';
import { closeRedisClient, openRedisClient, type RedisClient, redisReady } from '../../cache/redis-client.js';
import type { RedisTopology } from '../../cache/redis-topology.js';
import type { Log } from '../../log.js';
import type { RedisReach } from '../facts.js';
import { redisRights } from './redis-rights.js';
import { parseInfo, type RedisNodeSeen, type RedisSeen } from './redis-seen.js';

/** Long enough for a connection that a busy server keeps waiting, and for who leads to be found. */
const READY_WITHIN_MS = 2000;
const PINGS_COUNT = 20;

export interface RedisLook {
  readonly reach: RedisReach;
  /** Null where it does not answer. */
  readonly seen: RedisSeen | null;
}

/** Asks Redis as the user of the service, by no command that docs/redis.md does not grant but those it should be refused. */
export async function lookAtRedis(
  topology: RedisTopology,
  { prefix }: { prefix: string },
): Promise<RedisLook> {
  const { kind } = topology;
  const log = new LastTrouble();
  const client = openRedisClient(topology, log);
  try {
    await redisReady(client, READY_WITHIN_MS);
    if (client.status !== 'ready') return { reach: { kind, problem: log.text }, seen: null };
    return { reach: { kind, problem: null }, seen: await seenBy(client, topology, prefix) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { reach: { kind, problem: `it does not answer (${problem})` }, seen: null };
  } finally {
    await closeRedisClient(client);
  }
}

async function seenBy(client: RedisClient, topology: RedisTopology, prefix: string): Promise<RedisSeen> {
  const nodes: RedisNodeSeen[] = [];
  for (const node of serversOf(client)) nodes.push(await lookAtNode(node, nodes.length));
  const beganMs = Date.now();
  const clock = await client.time().catch(() => null);
  const middleMs = (beganMs + Date.now()) / 2;
  const isReplica = nodes.some(({ info }) => info.get('role') === 'slave');
  return {
    kind: topology.kind,
    nodes,
    rights: isReplica ? null : await redisRights(client, prefix),
    clockAheadMs: clock ? Number(clock[0]) * 1000 + Number(clock[1]) / 1000 - middleMs : 0,
    database: client instanceof Cluster ? 0 : (client.options.db ?? 0),
  };
}

function serversOf(client: RedisClient): readonly Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

async function lookAtNode(node: Redis, index: number): Promise<RedisNodeSeen> {
  const info = parseInfo(await node.info());
  const pingsMs: number[] = [];
  for (let i = 0; i < PINGS_COUNT; i++) {
    const startMs = performance.now();
    await node.ping();
    pingsMs.push(performance.now() - startMs);
  }
  const { host, port } = node.options;
  return { name: host ? `${host}:${port}` : `node ${index + 1}`, info, pingsMs };
}

/** The client tries again in the background; what it last complained of is the reason. */
class LastTrouble implements Log {
  text = 'it does not answer';

  debug(): void {}
  info(): void {}
  error(details: object, message: string): void {
    this.warn(details, message);
  }

  warn(details: object, message: string): void {
    const reason = 'reason' in details ? String(details.reason) : '';
    // What it says of the service is not so of this command.
    const [what] = message.split('; serving from');
    this.text = reason === '' ? `${what}` : `${what} (${reason})`;
  }
}
