import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { aboutData, bytesOf, dashboardParams, dataProblems, recordPanelSchema } from './schemas.js';

/** GET /dashboards/:dashboard/summary */
export const summariesRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard/summary',
    config: { access: 'reader' },
    schema: {
      ...aboutData('readSummary', 'The summary of a dashboard'),
      params: dashboardParams,
      response: { 200: bytesOf(recordPanelSchema), ...dataProblems },
    },
    handler: (request, reply) => reply.answerPanel(request.panelAsked(request.params.dashboard, 'summary')),
  });
};
