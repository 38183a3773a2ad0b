import { type Asked, askInfo } from './ask-redis.js';
import { type RedisOptions, type RedisServer, startRedis } from './redis-server.js';
import { within } from './within.js';

/** A replica of that server (one without password or TLS), in step with it when this resolves. */
export async function startReplica(of: RedisServer, options: RedisOptions = {}): Promise<RedisServer> {
  const lines = [`replicaof 127.0.0.1 ${of.port}`, ...(options.lines ?? [])];
  const replica = await startRedis({ ...options, lines });
  try {
    await inStep(replica.port);
    return replica;
  } catch (error) {
    await replica.stop();
    throw error;
  }
}

/** Resolves when the replica has all data of its master. */
export async function inStep(replica: Asked): Promise<void> {
  const isUp = async () => (await askInfo(replica, 'replication', 'master_link_status')) === 'up';
  await within(10_000, isUp, 'a replica in step with its master');
}
