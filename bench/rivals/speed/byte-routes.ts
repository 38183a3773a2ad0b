import type { FastifyInstance, FastifyReply } from 'fastify';
import { type Constant, REDIS_KEY, redisUrl } from './constant.js';

const CONTENT_TYPE = 'application/json; charset=utf-8';
const ETAG = '"constant"';

type AddRoute = (app: FastifyInstance, constant: Constant) => Promise<void>;

/** What keeps or sends the answer as it is: adds GET /constant. A process loads only what it shows. */
export const BYTE_ROUTES: Readonly<Record<string, AddRoute>> = {
  'fastify-caching': async (app, { body, coding }) => {
    const { default: caching } = await import('@fastify/caching');
    await app.register(caching, { privacy: caching.privacy.NOCACHE });
    app.get('/constant', (_request, reply) => {
      describe(reply, coding).etag(ETAG).send(body);
    });
  },

  'fastify-compress': async (app, { body }) => {
    const { default: compress } = await import('@fastify/compress');
    await app.register(compress);
    app.get('/constant', (_request, reply) => {
      describe(reply, 'identity').send(body);
    });
  },

  'ioredis-buffer': async (app, { body, coding }) => {
    const { Redis } = await import('ioredis');
    const redis = new Redis(redisUrl());
    await redis.set(REDIS_KEY, body);
    app.get('/constant', async (_request, reply) => {
      const kept = await redis.getBuffer(REDIS_KEY);
      return describe(reply, coding).header('etag', ETAG).header('cache-control', 'no-cache').send(kept);
    });
  },
};

function describe(reply: FastifyReply, coding: string): FastifyReply {
  reply.header('content-type', CONTENT_TYPE);
  if (coding !== 'identity') reply.header('content-encoding', coding);
  return reply;
}
