import type { Parameter } from './model.js';
import { PERIOD_ACCEPTS } from './period.js';

/** What a parameter takes, in words that follow "must be". */
export function parameterAccepts(parameter: Parameter): string {
  switch (parameter.type) {
    case 'integer':
      return `a whole number${range(parameter) ?? ' such as 42, within 2^53'}`;
    case 'number':
      return `a number as JSON writes it${range(parameter) ?? ', such as 4.2'}`;
    case 'boolean':
      return 'true or false';
    case 'date':
      return 'a date that exists, written YYYY-MM-DD';
    case 'timestamp':
      return 'an instant in RFC 3339 to the millisecond, such as 2026-01-31T08:00:00Z';
    case 'period':
      return PERIOD_ACCEPTS;
    case 'string':
      return textAccepts(parameter);
  }
}

function range({ minimum, maximum }: { minimum: number | null; maximum: number | null }): string | null {
  if (minimum !== null && maximum !== null) return ` from ${minimum} to ${maximum}`;
  if (minimum !== null) return `, ${minimum} or more`;
  return maximum === null ? null : `, ${maximum} or less`;
}

function textAccepts(parameter: Extract<Parameter, { type: 'string' }>): string {
  const { enum: choices, maxLengthCount, pattern } = parameter;
  if (choices) {
    const first = choices.slice(0, 20).join(', ');
    return `one of ${choices.length > 20 ? `${first} and ${choices.length - 20} more` : first}`;
  }
  const length = `a text of at most ${maxLengthCount} characters`;
  return pattern ? `${length} that matches ${pattern.source}` : length;
}
