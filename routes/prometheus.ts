import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { problemSchema } from './schemas.js';

/** GET /metrics: this process for Prometheus. */
export const prometheusRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/metrics',
    config: { access: 'statistics' },
    schema: { response: { 200: Type.String(), 500: problemSchema } },
    handler: async (_request, reply) => {
      const { contentType, text } = await app.reports.prometheus();
      reply.type(contentType);
      return text;
    },
  });
};
