import type { Definitions, Panel, PanelPolicy } from '../definitions/model.js';

/** A duration for all panels, or for those whose name begins so: `operations`, `operations/charts/tasks`. */
export interface Tried {
  readonly key: 'ttlMs' | 'graceMs' | 'maxStalenessMs';
  /** Null: for all. */
  readonly panels: string | null;
  readonly ms: number;
}

/** The definitions as if these durations stood on their panels. What is tried last wins. */
export function withTried(definitions: Definitions, tried: readonly Tried[]): Definitions {
  return withPolicies(definitions, (panel) => {
    const own = tried.filter(({ panels }) => panels === null || isNamed(panel, panels));
    return { ...panel.policy, ...Object.fromEntries(own.map(({ key, ms }) => [key, ms])) };
  });
}

/** The definitions with every ttl this many times as long. */
export function withTtlsTimes(definitions: Definitions, factor: number): Definitions {
  return withPolicies(definitions, ({ policy }) => ({ ...policy, ttlMs: Math.round(policy.ttlMs * factor) }));
}

/** Names of what is tried that no panel has. */
export function unknownNames({ dashboards }: Definitions, tried: readonly Tried[]): string[] {
  const panels = [...dashboards.values()].flatMap((dashboard) => [...dashboard.panels.values()]);
  const names = tried.flatMap(({ panels: name }) => (name === null ? [] : [name]));
  return names.filter((name) => !panels.some((panel) => isNamed(panel, name)));
}

function withPolicies(definitions: Definitions, policyOf: (panel: Panel) => PanelPolicy): Definitions {
  const dashboards = [...definitions.dashboards].map(([id, dashboard]) => {
    const panels = [...dashboard.panels].map(
      ([name, panel]) => [name, { ...panel, policy: policyOf(panel) }] as const,
    );
    return [id, { ...dashboard, panels: new Map(panels) }] as const;
  });
  return { ...definitions, dashboards: new Map(dashboards) };
}

function isNamed({ dashboardId, id }: Panel, name: string): boolean {
  return `${dashboardId}/${id}` === name || dashboardId === name;
}
