import { DashcacheError } from '../../errors.js';
import type { Definitions } from '../definitions/model.js';
import { dashboardOf, panelOf } from '../invalidation/selection.js';
import { type Scope, tagOf } from '../panel-tags.js';
import type { SwitchBody, SwitchStates } from './switch-schema.js';

/** The tag that a switch turns. Throws body_invalid, dashboard_unknown or panel_unknown. */
export function switchedTag(
  { dashboard: dashboardId, panel: panelId }: SwitchBody,
  definitions: Definitions,
): string {
  if (dashboardId === undefined) {
    if (panelId === undefined) return tagOf({ kind: 'all' });
    const detail = 'panel needs the dashboard that it belongs to.';
    throw new DashcacheError('body_invalid', { detail, errors: [{ pointer: '/panel', detail }] });
  }
  const dashboard = dashboardOf(definitions, dashboardId);
  return panelId === undefined
    ? tagOf({ kind: 'dashboard', name: dashboard.id })
    : tagOf(panelScope(dashboard.id, panelOf(dashboard, panelId).id));
}

type State = Pick<SwitchStates, 'enabled' | 'off_by'>;
type Switch = Exclude<SwitchStates['off_by'], null>;

/** What is in force for everything, each dashboard and each panel: a wider switch that is off wins. */
export function switchStates(
  { dashboards }: Definitions,
  given: { readonly cacheEnabled: boolean; readonly isOff: (tag: string) => boolean },
): SwitchStates {
  const off = (by: Switch, scope: Scope): Switch[] => (given.isOff(tagOf(scope)) ? [by] : []);
  const all = [...(given.cacheEnabled ? [] : ['CACHE_ENABLED' as const]), ...off('all', { kind: 'all' })];
  return {
    ...stateOf(all),
    dashboards: [...dashboards.values()].map(({ id, panels }) => {
      const ofDashboard = [...all, ...off('dashboard', { kind: 'dashboard', name: id })];
      return {
        dashboard: id,
        ...stateOf(ofDashboard),
        panels: [...panels.keys()].map((panel) => ({
          panel,
          ...stateOf([...ofDashboard, ...off('panel', panelScope(id, panel))]),
        })),
      };
    }),
  };
}

function stateOf(offBy: readonly Switch[]): State {
  return { enabled: offBy.length === 0, off_by: offBy[0] ?? null };
}

function panelScope(dashboardId: string, panelId: string): Scope {
  return { kind: 'panel', name: `${dashboardId}/${panelId}` };
}
