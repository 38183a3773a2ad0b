import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

export interface CorsOptions {
  readonly origins: readonly string[];
}

const MAX_AGE_SECONDS = 600;

/** Lets the pages of the named websites, and of no others, read the answers and the headers that tell of freshness. */
async function crossOrigin(app: FastifyInstance, { origins }: CorsOptions): Promise<void> {
  if (origins.length === 0) return;
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'HEAD'],
    exposedHeaders: ['age', 'cache-status', 'dashcache-panels', 'etag', 'retry-after'],
    maxAge: MAX_AGE_SECONDS,
  });
}

export default fp(crossOrigin, { name: 'cors', fastify: '5.x' });
