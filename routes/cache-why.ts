import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { WhySchema } from '../services/explain/why-schema.js';
import { about, administrationProblems } from './schemas.js';

const querystring = Type.Object(
  {
    url: Type.String({
      description: 'An address of data: path and query, percent-encoded, or a whole URL of this service',
      examples: ['/dashboards/operations/metrics?site_id=7'],
    }),
  },
  { additionalProperties: false },
);

/** GET /cache/why?url=: why a read of an address hits or misses now, and how it came to that. */
export const cacheWhyRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/cache/why',
    config: { access: 'admin' },
    schema: {
      ...about('explainWhy', 'Why a read of an address hits or misses now, and how it came to that', {
        tag: 'administration',
        description:
          'As far as the process that is asked remembers. Nothing is counted, loaded or moved by it.',
      }),
      querystring,
      response: { 200: WhySchema, ...administrationProblems },
    },
    handler: ({ query }) => app.administration.why(query.url),
  });
};
