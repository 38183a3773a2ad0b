import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { bytesOf, problemSchema } from './schemas.js';

const panel = Type.Object({
  id: Type.String(),
  title: Type.String(),
  type: Type.String(),
  values: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
});

const catalogueSchema = Type.Object({
  dashboards: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      tenant: Type.Union([Type.String(), Type.Null()]),
      params: Type.Record(Type.String(), Type.Unknown(), { description: 'JSON Schema of the query' }),
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
    schema: { response: { 200: bytesOf(catalogueSchema), 304: Type.Null(), 500: problemSchema } },
    handler: async (_request, reply) => reply.deliverCatalogue(),
  });
};
