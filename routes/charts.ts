import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { aboutData, bytesOf, chartPanelSchema, chartParams, dataProblems } from './schemas.js';

/** GET /dashboards/:dashboard/charts/:chart */
export const chartsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard/charts/:chart',
    config: { access: 'reader' },
    schema: {
      ...aboutData('readChart', 'One chart of a dashboard'),
      params: chartParams,
      response: { 200: bytesOf(chartPanelSchema), ...dataProblems },
    },
    handler: (request, reply) =>
      reply.answerPanel(request.panelAsked(request.params.dashboard, `charts/${request.params.chart}`)),
  });
};
