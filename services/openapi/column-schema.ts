import type { ValueDefinition } from '../definitions/model.js';
import type { Column, ColumnType } from '../sources/source.js';
import type { Schema } from './document.js';

/** JSON Schema of the cells of a column as content/json-value.ts writes them; any may be null. */
export function columnSchema({ name, type }: Column, value: ValueDefinition | undefined): Schema {
  return { title: value?.title ?? name, ...unitOf(value), ...cellSchema(type, value?.exact ?? false) };
}

const WHOLE = '^-?[0-9]+$';

function cellSchema(type: ColumnType, exact: boolean): Schema {
  switch (type) {
    case 'integer':
      // Beyond 2^53 a text: JSON's readers would round it.
      return exact
        ? { type: ['string', 'null'], pattern: WHOLE }
        : { type: ['integer', 'string', 'null'], pattern: WHOLE };
    case 'decimal':
      return { type: exact ? ['string', 'null'] : ['number', 'string', 'null'] };
    case 'float':
      return { type: exact ? ['string', 'null'] : ['number', 'null'] };
    case 'boolean':
      return { type: ['boolean', 'null'] };
    case 'text':
      return { type: ['string', 'null'] };
    case 'date':
      return { type: ['string', 'null'], format: 'date' };
    case 'timestamp':
      return { type: ['string', 'null'], format: 'date-time' };
    case 'json':
      return { description: 'Any JSON' };
  }
}

function unitOf(value: ValueDefinition | undefined): Schema {
  if (!value) return {};
  const { format, unit, better } = value;
  const told = [format, unit && `in ${unit}`, better && `better is ${better}`].filter(
    (part) => part !== null,
  );
  return told.length > 0 ? { description: told.join(', ') } : {};
}
