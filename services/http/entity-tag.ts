import type { Coding } from '../cache/body.js';

/** Codings must not share a strong validator (RFC 9110 section 8.8.3.3): each has a suffix of its own. */
const SUFFIXES: Readonly<Record<Coding, string>> = { identity: '', br: '-br', gzip: '-gz' };

/** The ETag of one representation, e.g. `"abc-br"`. */
export function entityTag(etag: string, coding: Coding): string {
  return `"${etag}${SUFFIXES[coding]}"`;
}

/** The tags of one content in all its codings, the given one first. */
export function entityTags(etag: string, first: Coding): string[] {
  const codings = Object.keys(SUFFIXES) as Coding[];
  return [first, ...codings.filter((coding) => coding !== first)].map((coding) => entityTag(etag, coding));
}
