import type { TSchema } from '@sinclair/typebox';
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors';
import type { Fault } from '../../errors.js';
import { suggest } from '../definitions/suggest.js';

/** More would help nobody, and an answer must not grow with what it refuses. */
const FAULTS_MAX_COUNT = 20;

/**
 * What a schema says against a value, for people: one fault for each place, with its JSON pointer (RFC 6901), '' for the
 * whole value. The first 20; the rest of `errors` is not even looked for.
 */
export function bodyFaults(errors: Iterable<ValueError>): Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    // What is missing is of the wrong type as well: the first thing said of a place is the one to mend.
    if (!faults.has(error.path)) faults.set(error.path, { pointer: error.path, detail: detailOf(error) });
    if (faults.size === FAULTS_MAX_COUNT) break;
  }
  return [...faults.values()];
}

type Say = (error: ValueError) => string;

const SAYINGS: Partial<Record<ValueErrorType, Say>> = {
  [ValueErrorType.ObjectRequiredProperty]: () => 'is required',
  [ValueErrorType.ObjectAdditionalProperties]: unknownMember,
  [ValueErrorType.Object]: ({ path }) => (path === '' ? 'must be a JSON object' : 'must be an object'),
  [ValueErrorType.ObjectMinProperties]: ({ schema }) => atLeast(schema['minProperties'], 'member'),
  [ValueErrorType.ObjectMaxProperties]: ({ schema }) => atMost(schema['maxProperties'], 'member'),
  [ValueErrorType.Array]: () => 'must be a list',
  [ValueErrorType.ArrayMinItems]: ({ schema }) => atLeast(schema['minItems'], 'item'),
  [ValueErrorType.ArrayMaxItems]: ({ schema }) => atMost(schema['maxItems'], 'item'),
  [ValueErrorType.ArrayUniqueItems]: () => 'must not hold an item twice',
  [ValueErrorType.String]: () => 'must be text',
  [ValueErrorType.StringMinLength]: ({ schema }) => atLeast(schema['minLength'], 'character'),
  [ValueErrorType.StringMaxLength]: ({ schema }) => atMost(schema['maxLength'], 'character'),
  [ValueErrorType.StringPattern]: ({ schema }) => `must match ${schema['pattern']}`,
  [ValueErrorType.StringFormat]: ({ schema }) =>
    schema['format'] === 'date-time'
      ? 'must be an instant such as 2026-01-31T12:00:00Z (RFC 3339)'
      : `must be of the format ${schema['format']}`,
  [ValueErrorType.Boolean]: () => 'must be true or false',
  [ValueErrorType.Null]: () => 'must be null',
  [ValueErrorType.Number]: () => 'must be a number',
  [ValueErrorType.NumberMinimum]: ({ schema }) => `must be ${schema['minimum']} or more`,
  [ValueErrorType.NumberMaximum]: ({ schema }) => `must be ${schema['maximum']} or less`,
  [ValueErrorType.Integer]: () => 'must be a whole number',
  [ValueErrorType.IntegerMinimum]: ({ schema }) => `must be ${schema['minimum']} or more`,
  [ValueErrorType.IntegerMaximum]: ({ schema }) => `must be ${schema['maximum']} or less`,
  [ValueErrorType.Literal]: ({ schema }) => `must be ${JSON.stringify(schema['const'])}`,
  [ValueErrorType.Union]: ({ schema }) => choices(schema['anyOf']),
};

function detailOf(error: ValueError): string {
  return SAYINGS[error.type]?.(error) ?? 'is not valid';
}

function unknownMember({ path, schema }: ValueError): string {
  const near = suggest(nameIn(path), Object.keys(schema['properties'] ?? {}));
  return near === null ? 'is not known here' : `is not known here: did you mean ${near}?`;
}

/** The last name of a pointer, without its escapes. */
function nameIn(pointer: string): string {
  return pointer
    .slice(pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}

function choices(anyOf: readonly TSchema[]): string {
  if (anyOf.every((schema) => schema['const'] !== undefined))
    return `must be one of ${anyOf.map((schema) => JSON.stringify(schema['const'])).join(', ')}`;
  return 'is of no kind that is accepted here';
}

function atLeast(count: number, unit: string): string {
  return count === 1 ? 'must not be empty' : `must have ${count} ${unit}s or more`;
}

function atMost(count: number, unit: string): string {
  return `must have at most ${count} ${unit}${count === 1 ? '' : 's'}`;
}
