import type { Cell, ColumnType } from '../sources/source.js';

const PLAIN_INTEGER = /^-?\d+$/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * One cell as JSON text. Integers beyond 2^53 are strings, and every number where `exact` asks for it; other decimals are
 * the nearest number; NaN and infinities are null; lone surrogates become U+FFFD, as the bytes on the wire could not say them.
 */
export function jsonValue(type: ColumnType, cell: Cell, exact = false): string {
  if (cell === null) return 'null';
  switch (typeof cell) {
    case 'boolean':
      return cell ? 'true' : 'false';
    case 'bigint':
      return exact || !isSafe(cell) ? `"${cell}"` : `${cell}`;
    case 'number':
      if (!Number.isFinite(cell)) return 'null';
      return exact ? `"${cell}"` : `${cell}`;
    default:
      if (type === 'json') return cell;
      return type === 'decimal' ? jsonDecimal(cell, exact) : jsonText(cell);
  }
}

/** A JSON string of well-formed Unicode. */
export function jsonText(text: string): string {
  const json = JSON.stringify(text);
  // JSON.stringify writes lone surrogates, and nothing else beyond control characters, as \udXXX: a cheap first look.
  return json.includes('\\ud') ? JSON.stringify(text.replace(LONE_SURROGATE, '\uFFFD')) : json;
}

function jsonDecimal(text: string, exact: boolean): string {
  if (text === 'NaN' || text.endsWith('Infinity')) return 'null';
  if (exact) return `"${text}"`;
  const number = Number(text);
  const asText = !Number.isFinite(number) || (PLAIN_INTEGER.test(text) && !Number.isSafeInteger(number));
  return asText ? `"${text}"` : `${number}`;
}

function isSafe(value: bigint): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}
