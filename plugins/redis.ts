import fastifyRedis from '@fastify/redis';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Redis } from 'ioredis';
import type { Log } from '../services/log.js';

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

/** How long the start waits for Redis: it goes on without (invariant 9). */
const BOOT_WAIT_MS = 500;
const QUIT_WAIT_MS = 300;
const LONGEST_RETRY_MS = 1000;
const LOG_EVERY_MS = 60_000;

/**
 * One ioredis client of our own, which @fastify/redis decorates, but where a host has one there already: it would refuse. The
 * service starts, serves and stops without Redis.
 */
async function redis(app: FastifyInstance, { url }: RedisPluginOptions): Promise<void> {
  if (url === null) {
    app.decorate('redisConnection', { client: null, isReady: () => false });
    return;
  }
  const client = connect(url);
  logRarely(client, app.log);
  app.addHook('onClose', () => close(client));
  client.connect().catch(() => {
    // The error event has told the log, and the retry strategy goes on.
  });
  await ready(client, BOOT_WAIT_MS);
  if (!app.hasDecorator('redis')) await register(app, client);
  app.decorate('redisConnection', { client, isReady: () => client.status === 'ready' });
}

function connect(url: string): Redis {
  return new Redis(url, {
    connectionName: 'dashcache',
    lazyConnect: true,
    connectTimeout: 1000,
    // Shorter than socketTimeout: a command fails alone before its connection is given up.
    commandTimeout: 400,
    // A frozen Redis keeps its sockets open: without this nothing is noticed for minutes.
    socketTimeout: 500,
    // A command that waits for a connection is a reader who waits: fail at once and ask the source.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What timed out may have been applied, and would be applied again.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
  });
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

function ready(client: Redis, waitMs: number): Promise<void> {
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

/** While Redis is away every attempt fails alike: one line a minute, and one when it is back. */
function logRarely(client: Redis, log: Log): void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  client.on('error', (error: NodeJS.ErrnoException) => {
    if (performance.now() - toldAtMs < LOG_EVERY_MS) return;
    toldAtMs = performance.now();
    log.warn(
      { reason: error.code ?? error.message },
      'Redis does not answer; serving from memory and sources',
    );
  });
  client.on('ready', () => {
    toldAtMs = Number.NEGATIVE_INFINITY;
    log.info({}, 'Redis answers');
  });
}

/** QUIT lets pending answers in; a Redis that does not answer must not hold up the stop. */
async function close(client: Redis): Promise<void> {
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

export default fp(redis, { name: 'redis', fastify: '5.x' });
