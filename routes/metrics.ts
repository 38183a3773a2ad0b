import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { aboutData, bytesOf, dashboardParams, dataProblems, recordPanelSchema } from './schemas.js';

/** GET /dashboards/:dashboard/metrics */
export const metricsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard/metrics',
    config: { access: 'reader' },
    schema: {
      ...aboutData('readMetrics', 'The metrics of a dashboard'),
      params: dashboardParams,
      response: { 200: bytesOf(recordPanelSchema), ...dataProblems },
    },
    handler: (request, reply) => reply.answerPanel(request.panelAsked(request.params.dashboard, 'metrics')),
  });
};
