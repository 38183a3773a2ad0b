import type { Dashboard, Parameter } from './model.js';

type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };
export type JsonObject = { readonly [name: string]: JsonValue };

/**
 * JSON Schema of the query of a dashboard, for the catalogue and for pages that build a form of it; `x-tenant`, `x-options`
 * and `x-period` say what JSON Schema cannot.
 */
export function parametersSchema({ parameters }: Pick<Dashboard, 'parameters'>): JsonObject {
  const all = [...parameters.values()];
  return {
    type: 'object',
    properties: Object.fromEntries(all.map((parameter) => [parameter.name, parameterSchema(parameter)])),
    required: all.filter(isRequired).map(({ name }) => name),
    additionalProperties: false,
  };
}

/** Whether a panel that binds it cannot be asked for without it. */
export function isRequired({ optional, defaultText }: Parameter): boolean {
  return !optional && defaultText === null;
}

/** JSON Schema of one value in a query. */
export function parameterSchema(parameter: Parameter): JsonObject {
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

/** A period's default stays as written, 30d, not the instants of this moment. */
function defaultOf({ type }: Parameter, text: string): JsonValue {
  if (type === 'integer' || type === 'number') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}
