import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import { aboutData, bytesOf, dataProblems, optionsParams } from './schemas.js';

const optionsSchema = Type.Object({
  options: Type.Array(
    Type.Object({
      value: Type.Unknown({ description: 'For the query', examples: [7] }),
      label: Type.String({ description: 'For people', examples: ['North'] }),
    }),
  ),
});

/** GET /dashboards/:dashboard/options/:param: the choices of one parameter, for people. */
export const optionsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard/options/:param',
    config: { access: 'reader' },
    schema: {
      ...aboutData('readOptions', 'The choices of a parameter', {
        description:
          'For people to choose from. Those of any parameter but the tenant itself need the tenant in the query. With identity the tenants are the caller’s own.',
      }),
      params: optionsParams,
      response: { 200: bytesOf(optionsSchema), ...dataProblems },
    },
    handler: async (request, reply) => {
      const asked = request.optionsAsked(request.params.dashboard, request.params.param);
      const { read } = asked;
      // Not a panel: it is neither timed nor counted.
      return reply.deliverOptions(
        asked,
        await (request.mayReload() ? app.dashboardReader.reload(read) : app.dashboardReader.read(read)),
      );
    },
  });
};
