import type { Dashboard, Definitions, Panel, ValueDefinition } from './definitions/model.js';
import { type JsonObject, parametersSchema } from './definitions/parameter-schema.js';

/** What GET /dashboards tells of the declared dashboards: all that a front end needs to ask for them and to show them. */
export function catalogue({ dashboards }: Pick<Definitions, 'dashboards'>): JsonObject {
  return { dashboards: [...dashboards.values()].map(aboutDashboard) };
}

function aboutDashboard(dashboard: Dashboard): JsonObject {
  return {
    id: dashboard.id,
    title: dashboard.title,
    tenant: dashboard.tenantParameter,
    params: parametersSchema(dashboard),
    panels: [...dashboard.panels.values()].map(aboutPanel),
  };
}

function aboutPanel(panel: Panel): JsonObject {
  const values = [...panel.values].map(([name, value]) => [name, aboutValue(value)] as const);
  return {
    id: panel.id,
    title: panel.title,
    type: panel.chart?.type ?? panel.kind,
    values: Object.fromEntries(values),
  };
}

function aboutValue({ title, format, unit, digits, better, exact, compare }: ValueDefinition): JsonObject {
  return { title, format, unit, digits, better, exact, compare };
}
