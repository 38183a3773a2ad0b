import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { DashcacheError } from '../errors.js';
import { problemSchema } from './schemas.js';

/** GET /health/live, which touches no dependency, and /health/ready. */
export const healthRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/health/live',
    config: { access: 'open' },
    schema: { response: { 200: Type.Object({ status: Type.Literal('live') }) } },
    handler: async () => ({ status: 'live' as const }),
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/health/ready',
    config: { access: 'open' },
    schema: {
      response: {
        200: Type.Object({ status: Type.Literal('ready'), degraded: Type.Array(Type.String()) }),
        503: problemSchema,
      },
    },
    handler: async () => {
      if (app.lifecycle.phase !== 'serving') throw new DashcacheError('starting_or_draining');
      return { status: 'ready' as const, degraded: app.degraded() };
    },
  });
};
