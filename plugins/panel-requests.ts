import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import type { Dashboard, Panel, ResolvedParameters } from '../services/definitions/model.js';
import { ResolvedQueries } from '../services/definitions/resolved-queries.js';
import { noTenant, type Tenant } from '../services/definitions/tenant.js';
import { optionsPanel } from '../services/options-panel.js';
import type { AskedRead } from '../services/warming/observed-question.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the address and the query ask for; throws what is wrong with them. */
    panelAsked(dashboardId: string, panelId: string): PanelAsked;
    dashboardAsked(dashboardId: string): DashboardAsked;
    /** The choices of a parameter, which are read like a panel. */
    optionsAsked(dashboardId: string, parameterName: string): PanelAsked;
  }
}

export interface DashboardAsked {
  readonly dashboard: Dashboard;
  readonly parameters: ResolvedParameters;
  readonly tenant: Tenant;
  /** As it was asked, for who learns what is asked most. */
  readonly observed: AskedRead;
}

export interface PanelAsked extends DashboardAsked {
  readonly panel: Panel;
}

/** Turns an address and its raw query into a checked question: which panels, which parameters, whose data. */
async function panelRequests(app: FastifyInstance): Promise<void> {
  const queries = new ResolvedQueries();
  const resolved = (request: FastifyRequest, asked: Asked) => resolvedBy(queries, request, asked);
  app.decorateRequest('panelAsked', function panelAsked(dashboardId, panelId) {
    const dashboard = dashboardOf(this, dashboardId);
    const panel = dashboard.panels.get(panelId);
    if (!panel) throw new DashcacheError('panel_unknown');
    const asked = resolved(this, { dashboard, panels: [panel], panelId });
    this.server.observedReads.note(asked.observed);
    return { ...asked, panel };
  });
  app.decorateRequest('optionsAsked', function optionsAsked(dashboardId, parameterName) {
    const dashboard = dashboardOf(this, dashboardId);
    const panel = optionsPanel(dashboard, parameterName);
    if (!panel) throw new DashcacheError('parameter_unknown');
    return { ...resolved(this, { dashboard, panels: [panel], panelId: panel.id }), panel };
  });
  app.decorateRequest('dashboardAsked', function dashboardAsked(dashboardId) {
    const dashboard = dashboardOf(this, dashboardId);
    const asked = resolved(this, { dashboard, panels: [...dashboard.panels.values()], panelId: null });
    this.server.observedReads.note(asked.observed);
    return asked;
  });
}

function dashboardOf(request: FastifyRequest, dashboardId: string): Dashboard {
  const dashboard = request.server.definitions.current.dashboards.get(dashboardId);
  if (!dashboard) throw new DashcacheError('dashboard_unknown');
  return dashboard;
}

/** `panelId`: the only panel that is asked, null for all of the dashboard. */
interface Asked {
  readonly dashboard: Dashboard;
  readonly panels: readonly Panel[];
  readonly panelId: string | null;
}

function resolvedBy(queries: ResolvedQueries, request: FastifyRequest, asked: Asked): DashboardAsked {
  const { dashboard, panelId } = asked;
  // The choices of the tenant itself are the one thing of a tenant's dashboard that is no tenant's.
  const isTenants = asked.panels.some((panel) => panel.parameters.some((parameter) => parameter.tenant));
  // The query as it came: a parser that coerces would change 1e400, 9007199254740993 or n=1&n=2 before we see them.
  const { rawQuery, parameters } = queries.resolve(request.raw.url ?? '', {
    ...asked,
    nowMs: request.server.clock.nowMs(),
    leftOutText: ({ tenant }) => (tenant ? request.tenantMeant(dashboard) : undefined),
  });
  const tenant = isTenants ? request.tenantOf(dashboard, parameters) : noTenant;
  const { id: dashboardId, tenantParameter } = dashboard;
  const observed = { dashboardId, panelId, tenantText: tenant.text, tenantParameter, rawQuery };
  return { dashboard, parameters, tenant, observed };
}

export default fp(panelRequests, {
  name: 'panel-requests',
  fastify: '5.x',
  dependencies: ['clock', 'definitions', 'tenant', 'observed-reads'],
});
