import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox';
import {
  aboutData,
  boundParams,
  bytesOf,
  chartPanelSchema,
  dashboardParams,
  dataProblems,
  problemSchema,
  recordPanelSchema,
} from './schemas.js';

const failedPanel = Type.Object({ problem: problemSchema });
const recordPanel = Type.Union([recordPanelSchema, failedPanel]);

const dashboardSchema = Type.Object({
  dashboard: Type.String({ examples: ['operations'] }),
  params: boundParams,
  panels: Type.Object({
    metrics: Type.Optional(recordPanel),
    charts: Type.Record(Type.String(), Type.Union([chartPanelSchema, failedPanel])),
    summary: Type.Optional(recordPanel),
  }),
});

/** GET /dashboards/:dashboard: all panels, read side by side. */
export const dashboardsRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/dashboards/:dashboard',
    config: { access: 'reader', isDashboard: true },
    schema: {
      ...aboutData('readDashboard', 'All panels of a dashboard', {
        description:
          'Read side by side. 200 if any panel succeeded, else the highest status of its panels, as a problem that has the same ' +
          'members as well.',
        answer: 'dashboard',
      }),
      params: dashboardParams,
      response: { 200: bytesOf(dashboardSchema), ...dataProblems },
    },
    handler: async (request, reply) => {
      const asked = request.dashboardAsked(request.params.dashboard);
      const results = asked.reads.map((read) =>
        request.readPanel(read).then(
          (answer) => ({ read, answer }),
          (thrown: unknown) => ({ read, ...request.problem(thrown) }),
        ),
      );
      return reply.deliverDashboard(asked, await Promise.all(results));
    },
  });
};
