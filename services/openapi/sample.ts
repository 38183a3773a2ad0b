import type { Schema } from './document.js';

type Schemas = Readonly<Record<string, Schema>>;

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T08:00:00Z',
  uri: 'urn:example',
  'uri-reference': '/dashboards',
};
/** Tried in turn where a pattern is wanted. */
const WORDS = [
  'text',
  'a',
  'A',
  '1',
  '10',
  'a1',
  'A1',
  'A-1',
  'north',
  'North',
  'en',
  'EUR',
  '2026',
  '"x"',
  'aa',
  'AA',
  'aaa',
];

/**
 * One value that a schema takes, for examples: its own example, default or constant, else something small and plain.
 * Undefined where none is found, which only a pattern can cause. `schemas` are those that a $ref names.
 */
export function sampleOf(schema: Schema, schemas: Schemas): unknown {
  const { $ref, examples, default: usual, const: only, enum: choices, anyOf } = schema;
  if (typeof $ref === 'string')
    return sampleOf(schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, schemas);
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (usual !== undefined) return usual;
  if (only !== undefined) return only;
  if (Array.isArray(choices)) return choices[0];
  if (Array.isArray(anyOf)) return sampleOf(richest(anyOf, schemas), schemas);
  return ofType(schema, schemas);
}

/** The alternative that shows most. */
function richest(alternatives: readonly Schema[], schemas: Schemas): Schema {
  const sizes = alternatives.map((schema) => JSON.stringify(sampleOf(schema, schemas) ?? null).length);
  const isNull = ({ type }: Schema) => type === 'null';
  const [first = {}, ...more] = alternatives.filter((schema) => !isNull(schema));
  return more.reduce<Schema>((best, schema) => {
    const isObject = schema['type'] === 'object' || schema['$ref'] !== undefined;
    const sizeOf = (one: Schema) => sizes[alternatives.indexOf(one)] ?? 0;
    return isObject && sizeOf(schema) > sizeOf(best) ? schema : best;
  }, first);
}

function ofType(schema: Schema, schemas: Schemas): unknown {
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'object':
      return ofObject(schema, schemas);
    case 'array':
      return ofArray(schema, schemas);
    case 'integer':
    case 'number':
      return ofNumber(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      return ofText(schema);
    default:
      return {};
  }
}

function ofObject({ properties = {} }: Schema, schemas: Schemas): object {
  const members = Object.entries(properties as Schemas).map(
    ([name, schema]) => [name, sampleOf(schema, schemas)] as const,
  );
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function ofArray({ prefixItems, items }: Schema, schemas: Schemas): unknown[] {
  const each = Array.isArray(prefixItems) ? prefixItems : items === undefined ? [] : [items];
  return each.map((item: Schema) => sampleOf(item, schemas)).filter((value) => value !== undefined);
}

function ofNumber({ minimum, maximum }: Schema): number {
  const usual = 7;
  if (typeof minimum === 'number' && minimum > usual) return minimum;
  return typeof maximum === 'number' && maximum < usual ? maximum : usual;
}

function ofText({
  format,
  pattern,
  minLength = 0,
  maxLength = Number.POSITIVE_INFINITY,
}: Schema): string | undefined {
  if (typeof format === 'string' && FORMATS[format]) return FORMATS[format];
  const fits = new RegExp(typeof pattern === 'string' ? pattern : '', 'u');
  return WORDS.find(
    (word) => fits.test(word) && word.length >= Number(minLength) && word.length <= Number(maxLength),
  );
}
