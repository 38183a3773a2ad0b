import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { WarmedSchema, WarmingSchema } from '../services/warming/warming-schema.js';
import { about, administrationProblems } from './schemas.js';

/** Nothing moves on the socket while it works; every tenant of a large dashboard takes minutes. */
const SILENCE_MS = 3_600_000;

/** POST /cache/warmings: loads now what readers will ask for. */
export const cacheWarmingsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: 'POST',
    url: '/cache/warmings',
    config: { access: 'admin' },
    schema: {
      ...about('warm', 'Load now what readers will ask for', {
        tag: 'administration',
        description: 'Answers when all is loaded and was looked up again.',
      }),
      body: WarmingSchema,
      response: { 200: WarmedSchema, ...administrationProblems },
    },
    handler: ({ body, raw }, reply) => {
      raw.setTimeout(SILENCE_MS);
      return app.administration.warm(body, app.abandonedBy(reply));
    },
  });
};
