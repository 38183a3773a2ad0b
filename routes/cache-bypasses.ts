import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { BypassedSchema, BypassSchema } from '../services/bypass/bypass-schema.js';
import { about, administrationProblems } from './schemas.js';

/** POST /cache/bypasses: what reading an address takes without the cache. */
export const cacheBypassesRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: 'POST',
    url: '/cache/bypasses',
    config: { access: 'admin' },
    schema: {
      ...about('bypass', 'Read an address beside the cache, to see what it takes', {
        tag: 'administration',
        description:
          'Asks the source within its budget. Nothing is stored and no read is counted; the queries are, because they are asked.',
      }),
      body: BypassSchema,
      response: { 200: BypassedSchema, ...administrationProblems },
    },
    handler: ({ body }) => app.administration.bypass(body),
  });
};
