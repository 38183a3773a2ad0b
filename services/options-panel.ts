import { hashParts } from './cache/key.js';
import type { Dashboard, Panel, PanelPolicy, Parameter } from './definitions/model.js';

/** Choices change seldom and are asked for with every form: kept like a summary at its default, refreshed in the background. */
const OPTIONS_POLICY: PanelPolicy = {
  ttlMs: 300_000,
  graceMs: 3_600_000,
  staleIfErrorMs: 86_400_000,
  deadlineMs: 30_000,
  softDeadlineMs: null,
  unproven: 'allow',
  maxStalenessMs: null,
};

/** What the ids of such panels begin with. */
export const OPTIONS = 'options/';

/** A form can hardly offer more. */
const OPTIONS_MAX_COUNT = 10_000;

/** The `options` query of a parameter as a panel of its own, so that the same cache serves it; null when it has none. */
export function optionsPanel(dashboard: Dashboard, parameterName: string): Panel | null {
  const parameter = dashboard.parameters.get(parameterName);
  if (!parameter?.options || dashboard.sourceName === null) return null;
  const { options: statement } = parameter;
  return {
    dashboardId: dashboard.id,
    id: `${OPTIONS}${parameter.name}`,
    kind: 'summary',
    title: parameter.title,
    sourceName: dashboard.sourceName,
    queries: [{ name: null, statement, place: parameter.place }],
    chart: null,
    values: new Map(),
    policy: OPTIONS_POLICY,
    ttlOrigin: 'options',
    tags: [],
    dependsOn: [],
    tenantProof: dashboard.tenantProof,
    ttlOnly: true,
    maxRowsCount: OPTIONS_MAX_COUNT,
    maxBytes: 1024 * 1024,
    client: { maxAgeMs: 0, staleMs: 5000, staleIfErrorMs: 60_000 },
    parameters: boundParameters(dashboard, statement.names),
    definitionHash: hashParts([dashboard.sourceName, statement.text]),
    place: parameter.place,
  };
}

/** Whether a panel is one that optionsPanel made: declared ones have no such id. */
export function isOptionsPanel({ id }: Panel): boolean {
  return id.startsWith(OPTIONS);
}

function boundParameters(dashboard: Dashboard, names: readonly string[]): Parameter[] {
  return [...dashboard.parameters.values()].filter(({ name, type }) =>
    type === 'period'
      ? names.includes(`${name}_start`) || names.includes(`${name}_end`)
      : names.includes(name),
  );
}
