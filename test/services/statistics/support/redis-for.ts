import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Test } from 'tap';
import { type RedisOptions, type RedisServer, startRedis } from '../../../helpers/redis-server.js';

export interface ConnectedRedis {
  readonly server: RedisServer;
  readonly redis: Redis;
  /** Resolves when the client is connected, again after the server was away. */
  ready(): Promise<void>;
}

/** A server, and a client that is connected to it and gives up as soon as that of the service does. */
export async function redisFor(t: Test, options: RedisOptions = {}): Promise<ConnectedRedis> {
  const server = await startRedis(options);
  const redis = new Redis(server.url, {
    commandTimeout: 400,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => 50,
  });
  redis.on('error', () => {});
  t.teardown(async () => {
    redis.disconnect();
    await server.stop();
  });
  const ready = async () => {
    while (redis.status !== 'ready') await sleep(10);
  };
  await ready();
  return { server, redis, ready };
}
