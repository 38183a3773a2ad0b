import type { Dashboard, Definitions, Panel } from '../definitions/model.js';
import { noTenant, tenantForOperator } from '../definitions/tenant.js';
import { tagsOfPanel } from '../panel-tags.js';
import type { WarmingRun } from './warming-run.js';

export interface LoadedContext {
  readonly definitions: Definitions;
  readonly tablesOf: (panel: Panel) => readonly string[];
  /** Of which tenant only; null: of any. */
  readonly tenantText: string | null;
  /** Makes the runs of this call differ from those of every other. */
  readonly callId: string;
}

/** What is loaded anew after an invalidation of these tags: of each dashboard the panels that it touched. */
export function runsAfterLoad(tags: readonly string[], context: LoadedContext): WarmingRun[] {
  const { definitions, tenantText, callId } = context;
  const touched = new Set(tags);
  return [...definitions.dashboards.values()].flatMap((dashboard): WarmingRun[] => {
    const panels = touchedPanels(dashboard, touched, context);
    if (panels.length === 0) return [];
    const isWhole = panels.length === dashboard.panels.size;
    return [
      {
        id: `load:${dashboard.id}:${callId}`,
        dashboardId: dashboard.id,
        trigger: 'load',
        panelIds: isWhole ? null : new Set(panels.map(({ id }) => id)),
        tenantText,
      },
    ];
  });
}

function touchedPanels(
  { panels, tenantParameter }: Dashboard,
  touched: ReadonlySet<string>,
  { tablesOf, tenantText }: LoadedContext,
): Panel[] {
  if (tenantText !== null && tenantParameter === null) return [];
  const tenant = tenantText === null ? noTenant : tenantForOperator(tenantText);
  return [...panels.values()].filter((panel) =>
    tagsOfPanel(panel, tablesOf(panel), tenant).some((tag) => touched.has(tag)),
  );
}
