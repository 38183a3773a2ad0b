import fastifyRedis from '@fastify/redis';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Redis } from 'ioredis';
import { redisTopologyOf } from '../config/redis-topology.js';
import type { Config } from '../config.js';
import type { Breaker } from '../services/breaker.js';
import { redisBreaker } from '../services/cache/redis-breaker.js';
import {
  closeRedisClient,
  openRedisClient,
  type RedisClient,
  redisReady,
  START_WAIT_MS,
} from '../services/cache/redis-client.js';
import { subscriberOpener } from '../services/cache/redis-subscriber.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The connection behind layer two; its client is null without a Redis in the settings. */
    redisConnection: RedisConnection;
  }
}

export interface RedisConnection {
  readonly client: RedisClient | null;
  /** Whether commands are answered now. */
  isReady(): boolean;
  /** Of layer two: while it is open Redis counts as away. Null without Redis. */
  readonly breaker: Breaker | null;
  /** Makes a connection to subscribe on, for one life; null without Redis. */
  readonly openSubscriber: (() => Redis) | null;
}

export interface RedisPluginOptions {
  readonly config: Pick<Config, 'redisUrl' | 'redisSentinels' | 'redisCluster'>;
  /** Gives [0, 1). */
  readonly random: () => number;
}

/**
 * One ioredis client of our own, which @fastify/redis decorates, but where a host has one there already: it would refuse. The
 * service starts, serves and stops without Redis.
 */
async function redis(app: FastifyInstance, { config, random }: RedisPluginOptions): Promise<void> {
  const topology = redisTopologyOf(config);
  if (topology === null) {
    app.decorate('redisConnection', {
      client: null,
      isReady: () => false,
      breaker: null,
      openSubscriber: null,
    });
    return;
  }
  const client = openRedisClient(topology, app.log);
  const breaker = redisBreaker(client, { clock: app.clock, moved: (isOpen) => logMove(app, isOpen) });
  app.addHook('onClose', () => closeRedisClient(client));
  await redisReady(client, START_WAIT_MS);
  if (!app.hasDecorator('redis')) await register(app, client);
  app.decorate('redisConnection', {
    client,
    isReady: () => client.status === 'ready' && !breaker.isOpen,
    breaker,
    openSubscriber: subscriberOpener({ topology, client, random }),
  });
}

function logMove({ log }: FastifyInstance, isOpen: boolean): void {
  if (isOpen) log.warn({}, 'Redis does not answer: layer two asks it once a second until it does');
  else log.info({}, 'Redis answers layer two again');
}

/**
 * @fastify/redis waits for ready and fails the start after 10 s, so it is shown a client that says it is; `app.redis` tells
 * the truth from then on.
 */
async function register(app: FastifyInstance, client: RedisClient): Promise<void> {
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

export default fp(redis, { name: 'redis', fastify: '5.x', dependencies: ['clock'] });
