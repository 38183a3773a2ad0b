import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import type { Dashboard } from '../services/definitions/model.js';
import { optionsPanel } from '../services/options-panel.js';
import { type PanelQuestion, type Question, Questions } from '../services/questions.js';

declare module 'fastify' {
  interface FastifyInstance {
    questions: Questions;
  }
  interface FastifyRequest {
    /** What the address and the query ask for; throws what is wrong with them. */
    panelAsked(dashboardId: string, panelId: string): PanelQuestion;
    dashboardAsked(dashboardId: string): Question;
    /** The choices of a parameter, which are read like a panel. */
    optionsAsked(dashboardId: string, parameterName: string): PanelQuestion;
  }
}

/** Knows which question a request asks. */
async function panelRequests(app: FastifyInstance): Promise<void> {
  const { tenants, observedReads: observed, clock } = app;
  const questions = new Questions({ tenants, observed });
  const by = ({ identity }: FastifyRequest) => ({ identity, nowMs: clock.nowMs() });
  app.decorate('questions', questions);
  app.decorateRequest('panelAsked', function panelAsked(dashboardId, panelId) {
    const dashboard = dashboardOf(this, dashboardId);
    const panel = dashboard.panels.get(panelId);
    if (!panel) throw new DashcacheError('panel_unknown');
    const asked = questions.askPanel(this.raw.url ?? '', dashboard, panel, by(this));
    asked.question.note();
    return asked;
  });
  app.decorateRequest('optionsAsked', function optionsAsked(dashboardId, parameterName) {
    const dashboard = dashboardOf(this, dashboardId);
    const panel = optionsPanel(dashboard, parameterName);
    if (!panel) throw new DashcacheError('parameter_unknown');
    return questions.askPanel(this.raw.url ?? '', dashboard, panel, by(this));
  });
  app.decorateRequest('dashboardAsked', function dashboardAsked(dashboardId) {
    const dashboard = dashboardOf(this, dashboardId);
    const place = { dashboard, panels: [...dashboard.panels.values()], panelId: null };
    const asked = questions.ask(this.raw.url ?? '', place, by(this));
    asked.note();
    return asked;
  });
}

function dashboardOf(request: FastifyRequest, dashboardId: string): Dashboard {
  const dashboard = request.server.definitions.current.dashboards.get(dashboardId);
  if (!dashboard) throw new DashcacheError('dashboard_unknown');
  return dashboard;
}

export default fp(panelRequests, {
  name: 'panel-requests',
  fastify: '5.x',
  dependencies: ['clock', 'definitions', 'tenant', 'observed-reads'],
});
