import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { aboutData, bytesOf, problemSchema } from './schemas.js';

const panel = Type.Object({
  id: Type.String({ description: 'metrics, summary or charts/<name>', examples: ['charts/tasks'] }),
  title: Type.String({ examples: ['Tasks per day'] }),
  type: Type.String({ description: 'metrics, summary or the type of the chart', examples: ['line'] }),
  values: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()), {
    description: 'How each declared column is to be shown',
    examples: [{ total: { title: 'Tasks', format: 'integer' } }],
  }),
});

const catalogueSchema = Type.Object({
  dashboards: Type.Array(
    Type.Object({
      id: Type.String({ examples: ['operations'] }),
      title: Type.String({ examples: ['Site operations'] }),
      tenant: Type.Union([Type.String({ examples: ['site_id'] }), Type.Null()], {
        description: 'The parameter that says whose data is wanted; null where all see the same',
      }),
      params: Type.Record(Type.String(), Type.Unknown(), {
        description: 'JSON Schema of the query',
        examples: [{ type: 'object', properties: { site_id: { type: 'integer', minimum: 1 } } }],
      }),
      panels: Type.Array(panel),
    }),
  ),
});

/** GET /dashboards: what there is to ask for. */
export const catalogueRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards',
    config: { access: 'reader' },
    schema: {
      ...aboutData('readCatalogue', 'What there is to ask for', {
        description: 'All that a front end needs to ask for the dashboards and to show them.',
        answer: 'document',
      }),
      response: { 200: bytesOf(catalogueSchema), 304: Type.Null(), 500: problemSchema },
    },
    handler: async (_request, reply) => reply.deliverCatalogue(),
  });
};
