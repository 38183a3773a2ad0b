import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { RedisLedger } from '../services/cache/redis-ledger.js';
import { RedisHistory } from '../services/statistics/redis-history.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Accounts for what our prefix holds in Redis and keeps it below REDIS_MAX_BYTES; null without Redis. */
    redisLedger: RedisLedger | null;
    /** The minutes of all processes in Redis; null without Redis. */
    redisHistory: RedisHistory | null;
  }
}

export interface RedisLedgerPluginOptions {
  readonly prefix: string;
  readonly maxBytes: number;
}

const HISTORY_ASKED_EVERY_MS = 60_000;

/** Keeps what we hold in Redis under its limit, whether or not anything is counted. */
async function redisLedger(app: FastifyInstance, options: RedisLedgerPluginOptions): Promise<void> {
  const { clock, redisConnection } = app;
  const { client: redis } = redisConnection;
  if (!redis) {
    app.decorate('redisLedger', null);
    app.decorate('redisHistory', null);
    return;
  }
  const { prefix, maxBytes } = options;
  const history = new RedisHistory({ redis, prefix, clock });
  const historyBytes = watchBytes(app, history);
  const ledger = new RedisLedger({
    redis,
    prefix,
    clock,
    log: app.log,
    maxBytes,
    otherBytes: historyBytes,
  });
  app.decorate('redisLedger', ledger);
  app.decorate('redisHistory', history);
  app.addHook('onReady', async () => ledger.start());
  app.addHook('onClose', () => ledger.close());
}

/** The history's size in Redis, asked for once a minute. */
function watchBytes(app: FastifyInstance, history: RedisHistory): () => number {
  let bytes = 0;
  let cancel = () => {};
  const ask = () => {
    cancel = app.clock.after(HISTORY_ASKED_EVERY_MS, ask);
    history.usageBytes().then(
      (told) => {
        bytes = told;
      },
      () => {
        // Redis is away: the last figure stands until it is back.
      },
    );
  };
  app.addHook('onReady', async () => ask());
  app.addHook('onClose', async () => cancel());
  return () => bytes;
}

export default fp(redisLedger, { name: 'redis-ledger', fastify: '5.x', dependencies: ['clock', 'redis'] });
