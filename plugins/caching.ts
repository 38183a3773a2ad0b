import fastifyCaching from '@fastify/caching';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/**
 * Cache-Control of the ops scope where a route sets none: no-cache on answers, no-store on errors. Nothing else of
 * @fastify/caching is used: it finds ETags by their text alone, whatever the address (docs/decisions).
 */
async function caching(app: FastifyInstance): Promise<void> {
  await app.register(fastifyCaching, { privacy: fastifyCaching.privacy.NOCACHE });
}

export default fp(caching, { name: 'caching', fastify: '5.x' });
