import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { about, bytesOf, problemSchema } from './schemas.js';

/** GET /openapi.json: the description of all this. */
export const openapiRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/openapi.json',
    schema: {
      ...about('describe', 'This description', {
        tag: 'description',
        description: 'OpenAPI 3.1 of every address; made anew when the definitions of the dashboards change.',
        answer: 'document',
      }),
      response: {
        200: bytesOf(Type.Object({ openapi: Type.String({ examples: ['3.1.0'] }) })),
        304: Type.Null(),
        500: problemSchema,
      },
    },
    handler: async (_request, reply) => reply.deliver(app.openapi()),
  });
};
