import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { DashcacheError } from '../errors.js';
import { about, problemSchema } from './schemas.js';

/** GET /health/live, which touches no dependency, and /health/ready. */
export const healthRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/health/live',
    config: { access: 'open' },
    schema: {
      ...about('checkLive', 'Whether the process answers', {
        tag: 'health',
        description: 'Looks at nothing else.',
      }),
      response: { 200: Type.Object({ status: Type.Literal('live') }) },
    },
    handler: async () => ({ status: 'live' as const }),
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/health/ready',
    config: { access: 'open' },
    schema: {
      ...about('checkReady', 'Whether the service should be asked', {
        tag: 'health',
        description:
          '200 with what does not work while the service goes on; 503 only while it starts or stops.',
      }),
      response: {
        200: Type.Object({
          status: Type.Literal('ready'),
          degraded: Type.Array(Type.String(), {
            description:
              '`redis`, `definitions`, `source:<name>`, `feed:<source>`: away, silent or faulty now',
            examples: [['redis', 'source:main']],
          }),
        }),
        503: problemSchema,
      },
    },
    handler: async () => {
      if (app.lifecycle.phase !== 'serving') throw new DashcacheError('starting_or_draining');
      return { status: 'ready' as const, degraded: app.degraded() };
    },
  });
};
