import type { Dashboard, Panel, Parameter } from '../definitions/model.js';
import type { Column } from '../sources/source.js';
import { columnSchema } from './column-schema.js';
import { type Schema, schemaRef } from './document.js';

/** The columns that the sources announced, of the panels that are known. */
export type Columns = ReadonlyMap<Panel, readonly Column[]>;

/** Name of the component with the body of a panel, or of the whole dashboard without one. */
export function bodyName(dashboardId: string, panelId?: string): string {
  return ['dashboard', dashboardId, ...(panelId?.split('/') ?? [])].join('.');
}

/** The body of one panel, as its definition and its columns have it. */
export function panelSchema(panel: Panel, columns: readonly Column[] | undefined): Schema {
  const compared = (columns ?? []).filter(
    ({ name }) => panel.values.get(name)?.compare === 'previous_period',
  );
  const data = panel.chart ? chartSchema : recordSchema;
  const properties = {
    dashboard: { const: panel.dashboardId },
    panel: { const: panel.id },
    params: paramsSchema(panel.parameters),
    generated_at: {
      type: 'string',
      format: 'date-time',
      description: 'When this content was first produced; a renewal with equal data keeps it',
    },
    data: panel.chart ? data(panel, columns) : { anyOf: [data(panel, columns), { type: 'null' }] },
    // Absent where the period before would begin before the year 1.
    ...(compared.length > 0 && { previous: recordSchema(panel, compared) }),
  };
  return {
    title: panel.title,
    type: 'object',
    required: ['dashboard', 'panel', 'params', 'generated_at', 'data'],
    properties,
    additionalProperties: false,
  };
}

/** The body of a whole dashboard: each panel's, or its problem. */
export function dashboardSchema(dashboard: Dashboard): Schema {
  const panels = [...dashboard.panels.values()];
  const part = ({ id }: Panel) => [
    id.replace('charts/', ''),
    { anyOf: [schemaRef(bodyName(dashboard.id, id)), schemaRef('FailedPanel')] },
  ];
  const charts = closed(Object.fromEntries(panels.filter(({ chart }) => chart).map(part)));
  const others = Object.fromEntries(panels.filter(({ chart }) => !chart).map(part));
  // As it binds together what its panels bind.
  const bound = [...dashboard.parameters.values()].filter((parameter) =>
    panels.some(({ parameters }) => parameters.includes(parameter)),
  );
  return {
    title: dashboard.title,
    ...closed({
      dashboard: { const: dashboard.id },
      params: paramsSchema(bound),
      panels: closed({ ...others, charts }),
    }),
  };
}

export const FAILED_PANEL: Schema = {
  title: 'FailedPanel',
  description: 'Stands where the panel would',
  ...closed({ problem: schemaRef('Problem') }),
};

function recordSchema(panel: Panel, columns: readonly Column[] | undefined): Schema {
  if (!columns) return { type: 'object', description: 'The source has not told its columns yet' };
  return closed(Object.fromEntries(columns.map((column) => [column.name, cells(panel, column)])));
}

function chartSchema(panel: Panel, columns: readonly Column[] | undefined): Schema {
  return closed({ type: { const: panel.chart?.type }, ...labelsAndSeries(panel, columns) });
}

function labelsAndSeries(
  panel: Panel,
  columns: readonly Column[] | undefined,
): Readonly<Record<string, Schema>> {
  const labels = columns?.find(({ name }) => name === panel.chart?.labels);
  const series = columns?.filter((column) => column !== labels).map((column) => seriesSchema(panel, column));
  return {
    labels: { type: 'array', items: labels ? cells(panel, labels) : {} },
    series: series
      ? { type: 'array', prefixItems: series, minItems: series.length, maxItems: series.length }
      : { type: 'array', items: closed({ name: { type: 'string' }, values: { type: 'array', items: {} } }) },
  };
}

function seriesSchema(panel: Panel, column: Column): Schema {
  return closed({ name: { const: column.name }, values: { type: 'array', items: cells(panel, column) } });
}

function cells(panel: Panel, column: Column): Schema {
  return columnSchema(column, panel.values.get(column.name));
}

/** Parameters in canonical spelling. */
function paramsSchema(parameters: readonly Parameter[]): Schema {
  const properties = parameters.map((parameter) => [parameter.name, canonicalSchema(parameter)] as const);
  return { description: 'In the one spelling of their meaning', ...closed(Object.fromEntries(properties)) };
}

function canonicalSchema({ type, title, optional }: Parameter): Schema {
  const orNull = (name: string) => (optional ? [name, 'null'] : name);
  switch (type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return { title, type: orNull(type) };
    case 'string':
      return { title, type: orNull('string') };
    case 'date':
      return { title, type: orNull('string'), format: 'date' };
    case 'timestamp':
      return { title, type: orNull('string'), format: 'date-time' };
    case 'period':
      return { title, type: orNull('string'), examples: ['2026-01-01T00:00:00Z/2026-02-01T00:00:00Z'] };
  }
}

/** An object with these members and no others. */
function closed(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', required: Object.keys(properties), properties, additionalProperties: false };
}
