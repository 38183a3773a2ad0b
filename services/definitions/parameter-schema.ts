import type { Dashboard, Parameter } from './model.js';
import { parameterValue } from './parameter-value.js';

/** JSON Schema of the parameters of a dashboard, for the catalogue and for pages that build a form of it. */
export interface ParameterSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

export function parameterSchema(dashboard: Dashboard): ParameterSchema {
  const parameters = [...dashboard.parameters.values()];
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, property(parameter)])),
    required: parameters.filter(isRequired).map(({ name }) => name),
    additionalProperties: false,
  };
}

function isRequired(parameter: Parameter): boolean {
  return parameter.defaultText === null && !parameter.optional;
}

function property(parameter: Parameter): object {
  return {
    ...typeOf(parameter),
    title: parameter.title,
    ...(parameter.defaultText === null ? {} : { default: defaultOf(parameter, parameter.defaultText) }),
    ...(parameter.tenant ? { 'x-tenant': true } : {}),
    ...(parameter.options ? { 'x-options': true } : {}),
  };
}

function typeOf(parameter: Parameter): object {
  switch (parameter.type) {
    case 'integer':
    case 'number': {
      const { type, minimum, maximum } = parameter;
      return { type, ...given({ minimum, maximum }) };
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
        minLength: 1,
        maxLength: parameter.maxLengthCount,
        ...given({ enum: parameter.enum, pattern: parameter.pattern?.source ?? null }),
      };
    case 'period':
      return {
        type: 'string',
        'x-period': {
          align: parameter.align,
          timezone: parameter.timezone,
          ...given({ maximum: parameter.maximum }),
        },
      };
  }
}

/** A period's default stays as written, 30d, not the instants of this moment. */
function defaultOf(parameter: Parameter, text: string): unknown {
  if (parameter.type === 'period') return text;
  const value = parameterValue(parameter, text, 0);
  return 'fault' in value ? text : JSON.parse(value.json);
}

function given(keys: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null));
}
