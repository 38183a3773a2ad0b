import { DashcacheError, type Fault } from '../../errors.js';
import type { Dashboard, Definitions, Panel } from '../definitions/model.js';
import { suggest } from '../definitions/suggest.js';
import { noTenant, tenantForOperator } from '../definitions/tenant.js';
import { type Scope, tagOf } from '../panel-tags.js';
import type { InvalidationBody } from './invalidation-schema.js';
import { type DeclaredPanels, scopesOfTables } from './table-scopes.js';

const SELECTORS = ['all', 'dashboard', 'table', 'tags'] as const;

/** What the selection is held against. */
export interface Declared {
  readonly definitions: Definitions;
  readonly tablesOf: DeclaredPanels['tablesOf'];
}

/**
 * The tags that an invalidation replaces. Throws body_invalid for members that do not belong together, and dashboard_unknown or
 * panel_unknown. A table or tag that nobody carries selects nothing, and that is fine: a load job need not know the panels.
 */
export function selectedTags(body: InvalidationBody, declared: Declared): string[] {
  const faults = faultsOf(body);
  if (faults.length > 0)
    throw new DashcacheError('body_invalid', { detail: faults[0]?.detail ?? '', errors: faults });
  const tenant = body.tenant === undefined ? noTenant : tenantForOperator(body.tenant);
  return scopesOf(body, declared).map((scope) => tagOf(scope, tenant));
}

function faultsOf(body: InvalidationBody): Fault[] {
  const given = SELECTORS.filter((name) => body[name] !== undefined);
  const faults: Fault[] = [];
  if (given.length === 0 && body.panel === undefined)
    faults.push({
      pointer: '',
      detail: 'Nothing is selected: give all, dashboard, dashboard and panel, table, or tags.',
    });
  for (const name of given.slice(1))
    faults.push({
      pointer: `/${name}`,
      detail: `${name} does not go with ${given[0]}: send one request for each.`,
    });
  if (body.panel !== undefined && body.dashboard === undefined)
    faults.push({ pointer: '/panel', detail: 'panel needs the dashboard that it belongs to.' });
  return faults;
}

function scopesOf(body: InvalidationBody, { definitions, tablesOf }: Declared): Scope[] {
  const { dashboard: dashboardId, panel: panelId, table, tags } = body;
  if (dashboardId !== undefined) {
    const dashboard = dashboardOf(definitions, dashboardId);
    if (panelId === undefined) return [{ kind: 'dashboard', name: dashboard.id }];
    return [{ kind: 'panel', name: `${dashboard.id}/${panelOf(dashboard, panelId).id}` }];
  }
  if (tags !== undefined) return [...new Set(tags)].map((name) => ({ kind: 'tag', name }));
  if (table === undefined) return [{ kind: 'all' }];
  const panels = [...definitions.dashboards.values()].flatMap((each) => [...each.panels.values()]);
  // With its bare name too: what is known of a panel may lack the schema, and one load too many is no lie.
  return scopesOfTables([table], { panels, sourceNames: definitions.sources.keys(), tablesOf });
}

/** Throws dashboard_unknown, with what was probably meant. */
export function dashboardOf({ dashboards }: Definitions, id: string): Dashboard {
  const dashboard = dashboards.get(id);
  if (dashboard) return dashboard;
  throw new DashcacheError('dashboard_unknown', { detail: unknown('dashboard', id, dashboards.keys()) });
}

/** Throws panel_unknown, with what was probably meant. */
export function panelOf({ panels }: Dashboard, id: string): Panel {
  const panel = panels.get(id);
  if (panel) return panel;
  throw new DashcacheError('panel_unknown', { detail: unknown('panel', id, panels.keys()) });
}

function unknown(what: string, id: string, known: Iterable<string>): string {
  const near = suggest(id, known);
  const hint = near === null ? `GET /dashboards lists what there is` : `did you mean ${near}?`;
  return `There is no ${what} ${JSON.stringify(id.slice(0, 64))}: ${hint}`;
}
