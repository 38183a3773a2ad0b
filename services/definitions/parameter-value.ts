import { formatInstant, isDate, parseInstant } from './instant.js';
import type { Binds, BindValue, Parameter, ResolvedParameter } from './model.js';
import { parameterAccepts } from './parameter-accepts.js';
import { meantUntilMs, resolvePeriod } from './period.js';

/** No value is longer, in characters: whatever a parameter's own max_length says. */
export const MAX_VALUE_COUNT = 1000;

/** A surrogate without its other half, and NUL, which no source takes. */
const NO_TEXT = /[\p{Surrogate}\0]/u;
const INTEGER = /^-?(0|[1-9][0-9]*)$/;
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** A value, or a sentence that goes on after the parameter's name and says what is accepted. */
export type ValueOrFault = ResolvedParameter | { readonly fault: string };

/** Reads one value as it stands in a query string, decoded. Equal meaning gives equal `canonical`. */
export function parameterValue(parameter: Parameter, text: string, nowMs: number): ValueOrFault {
  if (text === '') return { fault: 'has no value: leave it out or give it one' };
  if (NO_TEXT.test(text)) return { fault: 'holds a character that is no text' };
  if (isLongerThan(MAX_VALUE_COUNT, text)) return { fault: `is longer than ${MAX_VALUE_COUNT} characters` };
  switch (parameter.type) {
    case 'integer':
    case 'number':
      return numberValue(parameter, text);
    case 'string':
      return stringValue(parameter, text);
    case 'boolean':
      if (text !== 'true' && text !== 'false') return notAccepted(parameter);
      return single(parameter, { type: 'boolean', value: text === 'true' }, text);
    case 'date':
      if (!isDate(text)) return notAccepted(parameter);
      return single(parameter, { type: 'date', value: text }, text);
    case 'timestamp':
      return timestampValue(parameter, text);
    case 'period':
      return periodValue(parameter, text, nowMs);
  }
}

/** NULL, for an optional parameter that was left out. */
export function nullValue(parameter: Parameter): ResolvedParameter {
  const binds = new Map(
    [...bindTypes(parameter)].map(([name, type]) => [name, { type, value: null } as BindValue]),
  );
  return {
    parameter,
    canonical: null,
    json: 'null',
    binds,
    previousBinds: null,
    meantUntilMs: Number.POSITIVE_INFINITY,
  };
}

/** What a parameter binds: its own name, or name_start and name_end for a period. */
export function bindTypes(parameter: Parameter): ReadonlyMap<string, BindValue['type']> {
  if (parameter.type !== 'period') return new Map([[parameter.name, parameter.type]]);
  return new Map([
    [`${parameter.name}_start`, 'timestamp'],
    [`${parameter.name}_end`, 'timestamp'],
  ]);
}

type OfType<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

function numberValue(parameter: OfType<'integer' | 'number'>, text: string): ValueOrFault {
  const { type, minimum, maximum } = parameter;
  const pattern = type === 'integer' ? INTEGER : NUMBER;
  // -0 and 0 are one number, and so one key.
  const value = Number(text) + 0;
  const isReadable =
    pattern.test(text) && (type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value));
  const isInRange =
    value >= (minimum ?? Number.NEGATIVE_INFINITY) && value <= (maximum ?? Number.POSITIVE_INFINITY);
  if (!isReadable || !isInRange) return notAccepted(parameter);
  return single(parameter, { type, value }, String(value));
}

function stringValue(parameter: OfType<'string'>, text: string): ValueOrFault {
  const { enum: choices, maxLengthCount, pattern } = parameter;
  const isAccepted =
    (!choices || choices.includes(text)) &&
    !isLongerThan(maxLengthCount, text) &&
    (!pattern || pattern.test(text));
  return isAccepted ? single(parameter, { type: 'string', value: text }, text) : notAccepted(parameter);
}

function timestampValue(parameter: OfType<'timestamp' | 'boolean' | 'date'>, text: string): ValueOrFault {
  const value = parseInstant(text);
  if (value === null) {
    const plus = / [0-9]{2}:[0-9]{2}$/.test(text) ? '; a + in a query string is written %2B' : '';
    return { fault: `must be ${parameterAccepts(parameter)}${plus}` };
  }
  return single(parameter, { type: 'timestamp', value }, formatInstant(value));
}

function periodValue(parameter: OfType<'period'>, text: string, nowMs: number): ValueOrFault {
  const period = resolvePeriod(text, parameter, nowMs);
  if ('fault' in period) return period;
  const bindsOf = ({ startMs, endMs }: { startMs: number; endMs: number }): Binds =>
    new Map([
      [`${parameter.name}_start`, { type: 'timestamp', value: startMs }],
      [`${parameter.name}_end`, { type: 'timestamp', value: endMs }],
    ]);
  return {
    parameter,
    canonical: period.canonical,
    json: JSON.stringify(period.canonical),
    binds: bindsOf(period),
    previousBinds: period.previous && bindsOf(period.previous),
    meantUntilMs: meantUntilMs(text, period),
  };
}

function notAccepted(parameter: Parameter): { fault: string } {
  return { fault: `must be ${parameterAccepts(parameter)}` };
}

/** Numbers and booleans stand in JSON as they are, all else as a text. */
function single(parameter: Parameter, bind: BindValue, canonical: string): ResolvedParameter {
  const isLiteral = bind.type === 'integer' || bind.type === 'number' || bind.type === 'boolean';
  return {
    parameter,
    canonical,
    json: isLiteral ? canonical : JSON.stringify(canonical),
    binds: new Map([[parameter.name, bind]]),
    previousBinds: null,
    meantUntilMs: Number.POSITIVE_INFINITY,
  };
}

/** In characters, of which each is one or two units of the text. */
function isLongerThan(maxCount: number, text: string): boolean {
  if (text.length <= maxCount) return false;
  let count = 0;
  for (const _ of text) count++;
  return count > maxCount;
}
