import fastifyRedis from '@fastify/redis';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Redis } from 'ioredis';
import {
  closeRedisClient,
  openRedisClient,
  redisReady,
  START_WAIT_MS,
} from '../services/cache/redis-client.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The connection behind layer two; its client is null without REDIS_URL. */
    redisConnection: RedisConnection;
  }
}

export interface RedisConnection {
  readonly client: Redis | null;
  /** Whether commands are answered now. */
  isReady(): boolean;
}

export interface RedisPluginOptions {
  readonly url: string | null;
}

/**
 * One ioredis client of our own, which @fastify/redis decorates, but where a host has one there already: it would refuse. The
 * service starts, serves and stops without Redis.
 */
async function redis(app: FastifyInstance, { url }: RedisPluginOptions): Promise<void> {
  if (url === null) {
    app.decorate('redisConnection', { client: null, isReady: () => false });
    return;
  }
  const client = openRedisClient(url, app.log);
  app.addHook('onClose', () => closeRedisClient(client));
  await redisReady(client, START_WAIT_MS);
  if (!app.hasDecorator('redis')) await register(app, client);
  app.decorate('redisConnection', { client, isReady: () => client.status === 'ready' });
}

/**
 * @fastify/redis waits for ready and fails the start after 10 s, so it is shown a client that says it is; `app.redis` tells
 * the truth from then on.
 */
async function register(app: FastifyInstance, client: Redis): Promise<void> {
  let registering = true;
  const shown = new Proxy(client, {
    get(target, property) {
      if (registering && property === 'status') return 'ready';
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await app.register(fastifyRedis, { client: shown, closeClient: false });
  registering = false;
}

export default fp(redis, { name: 'redis', fastify: '5.x' });
