import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { ObservedReads } from '../services/warming/observed-reads.js';
import { MemoryQuestionStore } from '../services/warming/question-store.js';
import { RedisQuestionStore } from '../services/warming/redis-question-store.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** What live readers ask most, for warmings. */
    observedReads: ObservedReads;
  }
}

export interface ObservedReadsOptions {
  readonly config: Pick<Config, 'redisPrefix'>;
}

/** Knows what readers ask, over a restart where there is Redis. */
async function observedReads(app: FastifyInstance, { config }: ObservedReadsOptions): Promise<void> {
  const { clock } = app;
  const { client: redis } = app.redisConnection;
  const store = redis
    ? new RedisQuestionStore({ redis, prefix: config.redisPrefix, clock })
    : new MemoryQuestionStore();
  const observed = new ObservedReads({ store, clock });
  app.decorate('observedReads', observed);
  app.addHook('onReady', async () => observed.start());
  app.addHook('onClose', () => observed.close());
}

export default fp(observedReads, {
  name: 'observed-reads',
  fastify: '5.x',
  dependencies: ['clock', 'redis'],
});
