import type { Fault } from '../../errors.js';

export interface QueryString {
  /** Decoded names and values, each name once. */
  readonly values: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
}

/** More pairs than any dashboard has parameters. */
const MAX_PAIRS_COUNT = 200;

/**
 * Reads a raw query string strictly: what another reader might take in another way is a fault. A name given twice, bytes that
 * are no UTF-8, and characters that should have been percent-encoded never become a value.
 */
export function readQueryString(raw: string): QueryString {
  const values = new Map<string, string>();
  const faults: Fault[] = [];
  const repeated = new Set<string>();
  const pairs = raw.split('&');
  const givenCount = pairs.length > MAX_PAIRS_COUNT ? pairs.filter((pair) => pair !== '').length : 0;
  if (givenCount > MAX_PAIRS_COUNT) {
    const detail = `The query gives ${givenCount} values, at most ${MAX_PAIRS_COUNT} are read`;
    return { values, faults: [{ detail }] };
  }
  for (const pair of pairs) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals < 0 ? pair : pair.slice(0, equals);
    const name = decode(rawName);
    if (name === null || name === '') {
      faults.push({ detail: 'A name in the query cannot be read', parameter: rawName });
      continue;
    }
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (value === null) {
      const detail = `${name} is not percent-encoded UTF-8`;
      faults.push({ detail, parameter: name });
    } else if (values.has(name) && !repeated.has(name)) {
      repeated.add(name);
      faults.push({ detail: `${name} is given more than once`, parameter: name });
    }
    // Kept even when unreadable, so that it does not count as left out as well.
    if (!values.has(name)) values.set(name, value ?? '');
  }
  return { values, faults };
}

/** Printable ASCII; of it what stands for nothing but itself. */
const ENCODED = /^[\x21-\x7e]*$/;
const PLAIN = /^[\w.:~/-]*$/;

/** As forms are encoded: a plus is a space. Null when it is no text. */
function decode(raw: string): string | null {
  if (PLAIN.test(raw)) return raw;
  if (!ENCODED.test(raw)) return null;
  try {
    // Refuses cut escapes, overlong forms and surrogates in UTF-8.
    const text = decodeURIComponent(raw.replaceAll('+', ' '));
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
