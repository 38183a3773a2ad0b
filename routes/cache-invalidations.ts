import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { InvalidatedSchema, InvalidationSchema } from '../services/invalidation/invalidation-schema.js';
import { about, administrationProblems } from './schemas.js';

/** POST /cache/invalidations: purges or expires what is selected. */
export const cacheInvalidationsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: 'POST',
    url: '/cache/invalidations',
    config: { access: 'admin' },
    schema: {
      ...about('invalidate', 'Purge or expire what is selected', {
        tag: 'administration',
        description:
          'Select one of all, dashboard, dashboard with panel, table, or tags; each with or without tenant.',
      }),
      body: InvalidationSchema,
      response: { 200: InvalidatedSchema, ...administrationProblems },
    },
    handler: ({ body, id }) => app.administration.invalidate(body, id),
  });
};
