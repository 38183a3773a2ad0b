import { DashcacheError } from '../../errors.js';
import { jsonText } from '../content/json-value.js';

/** What databases take for JSON and RFC 8259 does not, or what no JavaScript reader can hold: a long digit run, NaN, a comma too many. */
const SUSPICIOUS = /\d{16}|nan|inf|,\s*[\]}]/i;
const TOKEN =
  /"(?:[^"\\]|\\.)*"|(-?\d+)(?![\d.eE])|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[-+]?(?:nan|inf(?:inity)?)|,(?=\s*[\]}])/gi;

/**
 * A JSON cell that can stand inside an answer: its own text, where big integers become strings and NaN null. DuckDB accepts
 * `NaN`, `Infinity` and trailing commas, and data files are not always checked, so every cell is parsed once.
 */
export function validJson(text: string): string {
  const json = SUSPICIOUS.test(text) ? text.replace(TOKEN, safeToken) : text;
  try {
    JSON.parse(json);
    return json;
  } catch (cause) {
    throw new DashcacheError('source_wrong_answer', {
      detail: 'A JSON column holds text that is not JSON.',
      cause,
    });
  }
}

function safeToken(token: string, integer: string | undefined): string {
  if (token.startsWith('"')) return token;
  if (integer !== undefined) return Number.isSafeInteger(Number(integer)) ? token : jsonText(token);
  if (token === ',') return '';
  return /\d/.test(token) ? token : 'null';
}
