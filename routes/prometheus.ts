import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { about, problemSchema } from './schemas.js';

/** GET /metrics: this process for Prometheus. */
export const prometheusRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/metrics',
    config: { access: 'statistics' },
    schema: {
      ...about('scrape', 'This process for Prometheus', { tag: 'statistics' }),
      produces: ['text/plain'],
      response: {
        200: Type.String({
          description: 'The text format of Prometheus',
          examples: [
            'dashcache_reads_total{dashboard="operations",panel="metrics",outcome="hit",layer="l1"} 12\n',
          ],
        }),
        500: problemSchema,
      },
    },
    handler: async (_request, reply) => {
      const { contentType, text } = await app.reports.prometheus();
      reply.type(contentType);
      return text;
    },
  });
};
