import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { EVENT_KINDS, EventsSchema } from '../services/events/events-schema.js';
import { about, administrationProblems } from './schemas.js';

const DEFAULT_COUNT = 100;
const LARGEST_COUNT = 2500;

const querystring = Type.Object(
  {
    kind: Type.Optional(Type.Union(EVENT_KINDS.map((kind) => Type.Literal(kind)))),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: LARGEST_COUNT,
        description: `How many, ${DEFAULT_COUNT} by default`,
      }),
    ),
  },
  { additionalProperties: false },
);

/** GET /cache/events: what happened to the cache of this process of late, and why. */
export const cacheEventsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/cache/events',
    config: { access: 'admin' },
    schema: {
      ...about('readEvents', 'What happened to the cache of late', {
        tag: 'administration',
        description: 'What this process remembers, the newest first.',
      }),
      querystring,
      response: { 200: EventsSchema, ...administrationProblems },
    },
    handler: async ({ query }) =>
      app.administration.events({ kind: query.kind, limitCount: query.limit ?? DEFAULT_COUNT }),
  });
};
