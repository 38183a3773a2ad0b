import type { Coding } from '../cache/body.js';
import { entityTag, entityTags } from './entity-tag.js';

/** One entity-tag of a list: an optional W/, then any etagc between quotes (RFC 9110 section 8.8.3). */
const ENTITY_TAG = /\s*(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)/y;

/**
 * The tag to answer 304 with, or null when the content has to be sent. A reader may hold any coding of the current content;
 * the 304 names the one that it holds, so that its own cache finds what to renew (RFC 9111 section 4.3.4).
 */
export function matchingTag(ifNoneMatch: string | undefined, etag: string, coding: Coding): string | null {
  if (ifNoneMatch === undefined) return null;
  if (ifNoneMatch.trim() === '*') return entityTag(etag, coding);
  const held = parseTags(ifNoneMatch);
  return entityTags(etag, coding).find((tag) => held.has(tag)) ?? null;
}

/** The opaque tags of the list, weak or strong: If-None-Match compares weakly. Whatever follows a fault in it is left out. */
function parseTags(list: string): Set<string> {
  const tags = new Set<string>();
  ENTITY_TAG.lastIndex = 0;
  for (let match = ENTITY_TAG.exec(list); match !== null; match = ENTITY_TAG.exec(list)) {
    if (match[1] !== undefined) tags.add(match[1]);
    if (ENTITY_TAG.lastIndex === list.length) break;
  }
  return tags;
}
