import type { Dashboard, Definitions, Panel, Parameter, ValueDefinition } from '../definitions/model.js';

type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };
type JsonObject = { readonly [name: string]: JsonValue };

/** What GET /dashboards tells of the declared dashboards: all that a front end needs to ask for them and to show them. */
export function catalogue({ dashboards }: Pick<Definitions, 'dashboards'>): JsonObject {
  return { dashboards: [...dashboards.values()].map(aboutDashboard) };
}

function aboutDashboard(dashboard: Dashboard): JsonObject {
  return {
    id: dashboard.id,
    title: dashboard.title,
    tenant: dashboard.tenantParameter,
    params: parametersSchema([...dashboard.parameters.values()]),
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

/** JSON Schema of the query; `x-tenant`, `x-options` and `x-period` say what JSON Schema cannot. */
function parametersSchema(parameters: readonly Parameter[]): JsonObject {
  const properties = parameters.map((parameter) => [parameter.name, parameterSchema(parameter)] as const);
  const required = parameters.filter(({ optional, defaultText }) => !optional && defaultText === null);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: required.map(({ name }) => name),
    additionalProperties: false,
  };
}

function parameterSchema(parameter: Parameter): JsonObject {
  return {
    title: parameter.title,
    ...typeSchema(parameter),
    ...(parameter.defaultText !== null && { default: defaultOf(parameter, parameter.defaultText) }),
    ...(parameter.tenant && { 'x-tenant': true }),
    ...(parameter.options && { 'x-options': true }),
  };
}

function typeSchema(parameter: Parameter): JsonObject {
  switch (parameter.type) {
    case 'integer':
    case 'number': {
      const { type, minimum, maximum } = parameter;
      return { type, ...(minimum !== null && { minimum }), ...(maximum !== null && { maximum }) };
    }
    case 'boolean':
      return { type: 'boolean' };
    case 'date':
      return { type: 'string', format: 'date' };
    case 'timestamp':
      return { type: 'string', format: 'date-time' };
    case 'string':
      return {
        type: 'string',
        maxLength: parameter.maxLengthCount,
        ...(parameter.enum !== null && { enum: parameter.enum }),
        ...(parameter.pattern !== null && { pattern: parameter.pattern.source }),
      };
    case 'period': {
      const { maximum, align, timezone } = parameter;
      return { type: 'string', 'x-period': { maximum, align, timezone } };
    }
  }
}

function defaultOf({ type }: Parameter, text: string): JsonValue {
  if (type === 'integer' || type === 'number') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}
