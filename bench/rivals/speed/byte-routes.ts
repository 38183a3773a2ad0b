import type { FastifyInstance } from 'fastify';
import { type Constant, describe, ETAG } from './constant.js';

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
};
