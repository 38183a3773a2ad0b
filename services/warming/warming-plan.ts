import { DashcacheError, type Fault } from '../../errors.js';
import type { PanelRequest } from '../dashboard-cache-service.js';
import type { Dashboard, Definitions, Panel, ResolvedParameters } from '../definitions/model.js';
import { resolveParameterTexts } from '../definitions/resolve-parameters.js';
import { tenantForWarming } from '../definitions/tenant.js';
import { dashboardOf, panelOf } from '../invalidation/selection.js';
import { bindsTenant, operatorRequests } from '../operator-requests.js';
import { optionsPanel } from '../options-panel.js';
import type { WarmingBody } from './warming-schema.js';

/** What a warming is to do, checked. */
export interface WarmingPlan {
  readonly dashboard: Dashboard;
  /** With the choices of its parameters where the whole dashboard is warmed: its page asks for them first. */
  readonly panels: readonly Panel[];
  /** Texts of the parameters but the tenant's. */
  readonly texts: ReadonlyMap<string, string>;
  /** The tenant that was named; null for none; `all` where a tenant dashboard is warmed for every one in its options. */
  readonly tenant: string | 'all' | null;
}

/** Throws body_invalid with a pointer to each fault, dashboard_unknown or panel_unknown. */
export function warmingPlan(body: WarmingBody, definitions: Definitions, nowMs: number): WarmingPlan {
  const dashboard = dashboardOf(definitions, body.dashboard);
  const panels = body.panel === undefined ? allPanels(dashboard) : [panelOf(dashboard, body.panel)];
  const { texts, faults } = textsOf(body.params ?? {});
  const tenant = tenantOf(dashboard, { body, texts, faults });
  if (faults.length > 0) throw invalid(faults);
  const plan = { dashboard, panels, texts, tenant };
  // Checked once before anything is loaded, with a tenant or, for all of them, without.
  if (tenant !== 'all') planned(plan, tenant, nowMs);
  else checkWithoutTenant(plan, nowMs);
  return plan;
}

/** The reads of one tenant's panels, with parameters as a browser would have them resolved at that moment. */
export function planned(plan: WarmingPlan, tenantText: string | null, nowMs: number): PanelRequest[] {
  const parameters = resolved(plan, { panels: plan.panels, tenantText, nowMs });
  return operatorRequests(plan, parameters, tenantForWarming);
}

function allPanels(dashboard: Dashboard): Panel[] {
  const choices = [...dashboard.parameters.keys()].map((name) => optionsPanel(dashboard, name));
  return [...choices.filter((panel) => panel !== null), ...dashboard.panels.values()];
}

/** JSON values as they would stand in a query. */
function textsOf(params: Readonly<Record<string, unknown>>): { texts: Map<string, string>; faults: Fault[] } {
  const texts = new Map<string, string>();
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      texts.set(name, String(value));
    else
      faults.push({
        pointer: pointerTo(name),
        detail: `${name} must be a text, a number, true or false; leave it out for its default`,
      });
  }
  return { texts, faults };
}

function tenantOf(
  { tenantParameter, parameters, id }: Dashboard,
  given: { body: WarmingBody; texts: Map<string, string>; faults: Fault[] },
): WarmingPlan['tenant'] {
  const { body, texts, faults } = given;
  if (tenantParameter === null) {
    if (body.tenant !== undefined)
      faults.push({ pointer: '/tenant', detail: `${id} has no tenants: leave tenant out.` });
    return null;
  }
  const inParams = texts.get(tenantParameter);
  if (inParams !== undefined && body.tenant !== undefined && inParams !== body.tenant)
    faults.push({
      pointer: '/tenant',
      detail: `tenant and params.${tenantParameter} name different tenants: give one of them.`,
    });
  texts.delete(tenantParameter);
  const named = body.tenant ?? inParams;
  if (named !== undefined) return named;
  if (!parameters.get(tenantParameter)?.options)
    faults.push({
      pointer: '',
      detail: `${tenantParameter} has no options that would tell all tenants: name one as tenant.`,
    });
  return 'all';
}

/** The tenant is not known yet: all that is said of the other parameters is checked all the same. */
function checkWithoutTenant(plan: WarmingPlan, nowMs: number): void {
  const panels = plan.panels.map((panel) =>
    bindsTenant(panel)
      ? { ...panel, parameters: panel.parameters.filter((parameter) => !parameter.tenant) }
      : panel,
  );
  resolved(plan, { panels, tenantText: null, nowMs });
}

function resolved(
  { dashboard, texts }: WarmingPlan,
  { panels, tenantText, nowMs }: { panels: readonly Panel[]; tenantText: string | null; nowMs: number },
): ResolvedParameters {
  const { tenantParameter } = dashboard;
  const all =
    tenantParameter !== null && tenantText !== null
      ? new Map([...texts, [tenantParameter, tenantText]])
      : texts;
  try {
    return resolveParameterTexts({ dashboard, panels, nowMs, texts: all });
  } catch (error) {
    if (error instanceof DashcacheError && error.code === 'parameters_invalid')
      throw invalid(error.errors.map((fault) => inBody(fault, tenantParameter)));
    throw error;
  }
}

function inBody({ detail, parameter }: Fault, tenantParameter: string | null): Fault {
  if (parameter === undefined) return { detail, pointer: '' };
  return { detail, pointer: parameter === tenantParameter ? '/tenant' : pointerTo(parameter) };
}

/** RFC 6901 section 3. */
function pointerTo(name: string): string {
  return `/params/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function invalid(faults: readonly Fault[]): DashcacheError {
  return new DashcacheError('body_invalid', { detail: faults[0]?.detail ?? '', errors: faults });
}
