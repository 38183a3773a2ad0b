import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { bytesOf, dataProblems } from './schemas.js';

const optionsSchema = Type.Object({
  options: Type.Array(Type.Object({ value: Type.Unknown(), label: Type.Unknown() })),
});

/** GET /dashboards/:dashboard/options/:param: the choices of one parameter, for people. */
export const optionsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard/options/:param',
    config: { access: 'reader' },
    schema: {
      params: Type.Object({ dashboard: Type.String(), param: Type.String() }),
      response: { 200: bytesOf(optionsSchema), ...dataProblems },
    },
    handler: async (request, reply) => {
      const asked = request.optionsAsked(request.params.dashboard, request.params.param);
      // Not a panel: it is neither timed nor counted.
      return reply.deliverPanel(asked, await app.dashboardReader.read(asked));
    },
  });
};
