import { hashParts } from '../cache/key.js';
import type { Dashboard, Panel, WarmingDefinition } from '../definitions/model.js';

/** Why a dashboard is warmed without anybody who waits for it. */
export type WarmingTrigger = 'schedule' | 'deploy' | 'load';

/** One warming of one dashboard, which one process does for all. */
export interface WarmingRun {
  /** Equal in every process that would do the same: letters, digits and `-_.:`. */
  readonly id: string;
  readonly dashboardId: string;
  readonly trigger: WarmingTrigger;
  /** Null: all of them. */
  readonly panelIds: ReadonlySet<string> | null;
  /** Null: all that there are. */
  readonly tenantText: string | null;
}

/** What holds where a dashboard says nothing of warming, and is warmed all the same. */
export const USUAL_WARMING: WarmingDefinition = {
  schedule: null,
  timezone: 'UTC',
  afterDeploy: false,
  observedCount: 20,
  params: [new Map()],
};

/** Equal in processes that would load the same under the same keys. */
export function contentOf(dashboard: Dashboard, tablesOf: (panel: Panel) => readonly string[]): string {
  const { params, observedCount } = dashboard.warming ?? USUAL_WARMING;
  const panels = [...dashboard.panels.values()].map((panel) => [panel.definitionHash, ...tablesOf(panel)]);
  return hashParts([panels, params.map((texts) => [...texts]), String(observedCount)]);
}

/** The run of a moment that the schedule of a dashboard names. */
export function scheduledRun(
  dashboardId: string,
  { atMs, content }: { atMs: number; content: string },
): WarmingRun {
  const at = new Date(atMs).toISOString();
  return whole(dashboardId, { id: `schedule:${dashboardId}:${at}:${content}`, trigger: 'schedule' });
}

/** The run after a deploy of this content. */
export function deployedRun(dashboardId: string, content: string): WarmingRun {
  return whole(dashboardId, { id: `deploy:${dashboardId}:${content}`, trigger: 'deploy' });
}

function whole(dashboardId: string, run: Pick<WarmingRun, 'id' | 'trigger'>): WarmingRun {
  return { ...run, dashboardId, panelIds: null, tenantText: null };
}
