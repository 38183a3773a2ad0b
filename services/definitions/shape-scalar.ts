import { isScalar, type Node, type Scalar } from 'yaml';
import { parseBudget } from './budget.js';
import { parseDuration, parseSize } from './duration.js';
import { scalarOffsets } from './scalar-offsets.js';
import type { ShapeSchema } from './shape-reader.js';
import { type Environment, substitute } from './substitute.js';
import { suggest } from './suggest.js';
import type { Spot, YamlFile } from './yaml-file.js';

export interface ScalarContext {
  /** How messages name what is read. */
  readonly label: string;
  readonly environment: Environment;
  readonly file: YamlFile;
  fault(message: string, hint?: string, at?: Spot): void;
}

/** Reads one plain value as its schema wants it; undefined after a fault. */
export function readScalar(node: Node, schema: ShapeSchema, context: ScalarContext): unknown {
  if (!isScalar(node)) {
    context.fault(`${context.label} must be ${accepted(schema)}, not a list or a mapping`);
    return undefined;
  }
  const kind = schema['x-kind'];
  if (kind === 'scalar') return writtenText(node);
  if (typeof node.value !== 'string') return readPlain(node, schema, context);
  if (kind === 'sql' || kind === 'path' || kind === 'pattern') return checkText(node.value, schema, context);
  const substituted = substitute(node.value, context.environment);
  for (const { index, lengthCount, message, hint } of substituted.faults)
    context.fault(message, hint, spotInside(node, index, lengthCount, context.file));
  if (substituted.faults.length > 0) return undefined;
  const isWholly = substituted.text !== node.value;
  if (schema.type === 'string' || kind === 'size') return checkText(substituted.text, schema, context);
  return isWholly
    ? checkPlain(plainOf(substituted.text), schema, context)
    : checkPlain(node.value, schema, context);
}

/** The text as written, so that `default: 0x10` is held against the same rules as a query string. */
function writtenText(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function readPlain(node: Scalar, schema: ShapeSchema, context: ScalarContext): unknown {
  const { value } = node;
  if (schema['x-kind'] === 'duration') {
    const hint = typeof value === 'number' ? `did you mean ${value}s?` : undefined;
    context.fault(`${context.label} needs a unit: a duration is written as 250ms, 30s, 5m, 1h or 2d`, hint);
    return undefined;
  }
  if (schema['x-kind'] === 'budget') {
    faultOfBudget(String(value), context);
    return undefined;
  }
  if (schema['x-kind'] === 'size') return checkPlain(value, { type: 'integer', minimum: 1 }, context);
  if (schema.type === 'string') {
    context.fault(
      `${context.label} must be ${accepted(schema)}, not ${JSON.stringify(value)}`,
      'put it in quotes to make it a text',
    );
    return undefined;
  }
  return checkPlain(value, schema, context);
}

function checkText(text: string, schema: ShapeSchema, context: ScalarContext): string | undefined {
  const kind = schema['x-kind'];
  const lengthCount = [...text].length;
  if (lengthCount < (schema.minLength ?? 0) || (text.trim() === '' && kind !== 'pattern')) {
    context.fault(`${context.label} is empty`);
    return undefined;
  }
  if (schema.maxLength !== undefined && lengthCount > schema.maxLength) {
    context.fault(`${context.label} has ${lengthCount} characters, at most ${schema.maxLength} are accepted`);
    return undefined;
  }
  if (schema.enum) return checkChoice(text, schema.enum, context);
  if (kind === 'duration' && parseDuration(text) === null) {
    const hint = /^[0-9]+$/.test(text) ? `did you mean ${text}s?` : undefined;
    context.fault(`${context.label} must be a duration with a unit: 250ms, 30s, 5m, 1h or 2d`, hint);
    return undefined;
  }
  if (kind === 'size' && parseSize(text) === null) {
    context.fault(`${context.label} must be a size: a number of bytes, or 500 kB, 4 MiB`);
    return undefined;
  }
  if (kind === 'budget' && parseBudget(text) === null) {
    faultOfBudget(text, context);
    return undefined;
  }
  if (kind === 'name' && !new RegExp(schema.pattern ?? '', 'u').test(text)) {
    context.fault(`${context.label} must be a name: 1 to 64 characters of a-z, 0-9 and _`);
    return undefined;
  }
  if (kind === 'setting' && !new RegExp(schema.pattern ?? '', 'u').test(text)) {
    context.fault(
      `${context.label} must be a setting of your own such as app.tenant: two names of a-z, 0-9 and _ with a dot between them`,
    );
    return undefined;
  }
  return text;
}

function faultOfBudget(text: string, context: ScalarContext): void {
  const hint = /^[1-9][0-9]*$/.test(text) ? `did you mean ${text}/min?` : undefined;
  context.fault(`${context.label} must be a number of queries in a minute, such as 400/min`, hint);
}

function checkChoice(text: string, choices: readonly string[], context: ScalarContext): string | undefined {
  if (choices.includes(text)) return text;
  const near = suggest(text, choices);
  context.fault(
    `${context.label} cannot be ${JSON.stringify(text)}: it is ${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}`,
    near === null ? undefined : `did you mean "${near}"?`,
  );
  return undefined;
}

function checkPlain(value: unknown, schema: ShapeSchema, context: ScalarContext): unknown {
  const fits =
    schema.type === 'boolean'
      ? typeof value === 'boolean'
      : schema.type === 'integer'
        ? Number.isSafeInteger(value)
        : typeof value === 'number' && Number.isFinite(value);
  if (!fits) {
    context.fault(`${context.label} must be ${accepted(schema)}`, truthHint(value, schema));
    return undefined;
  }
  if (typeof value === 'number') {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    if (value < minimum || value > maximum) {
      context.fault(
        `${context.label} is ${value}: ${value < minimum ? `at least ${minimum} is` : `at most ${maximum} are`} accepted`,
      );
      return undefined;
    }
  }
  return value;
}

/** YAML 1.1 habits: yes and on were booleans once. */
function truthHint(value: unknown, schema: ShapeSchema): string | undefined {
  if (schema.type !== 'boolean' || typeof value !== 'string') return undefined;
  if (/^(yes|on|1)$/i.test(value)) return 'did you mean true?';
  return /^(no|off|0)$/i.test(value) ? 'did you mean false?' : undefined;
}

function plainOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text) ? Number(text) : text;
}

function accepted(schema: ShapeSchema): string {
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema['x-kind'] === 'sql') return 'a SELECT';
  if (schema['x-kind'] === 'path') return 'a path such as /sales/:region';
  if (schema['x-kind'] === 'duration') return 'a duration such as 5m';
  if (schema['x-kind'] === 'budget') return 'a budget such as 400/min';
  if (schema['x-kind'] === 'name') return 'a name';
  if (schema['x-kind'] === 'setting') return 'a setting such as app.tenant';
  if (schema.type === 'integer') return 'a whole number';
  if (schema.type === 'number') return 'a number';
  if (schema.type === 'boolean') return 'true or false';
  return schema.type === 'string' ? 'a text' : 'a single value';
}

function spotInside(node: Scalar, index: number, lengthCount: number, file: YamlFile): Spot {
  const [start, end] = node.range ?? [0, 0];
  const source = { text: file.text, startOffset: start, endOffset: end };
  const offsets = scalarOffsets(String(node.value), node.type as Scalar.Type | undefined, source);
  return file.spot(offsets[index] ?? start, lengthCount);
}
