import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { EntriesSchema } from '../services/explain/entries-schema.js';
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

/** GET /cache/entries?url=: what the next read of an address would find, and why. */
export const cacheEntriesRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/cache/entries',
    config: { access: 'admin' },
    schema: {
      ...about('explainEntries', 'What the next read of an address would find, and why', {
        tag: 'administration',
        description: 'Nothing is counted, loaded or moved by it.',
      }),
      querystring,
      response: { 200: EntriesSchema, ...administrationProblems },
    },
    handler: ({ query }) => app.administration.entries(query.url),
  });
};
