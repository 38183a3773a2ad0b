import { isDeepStrictEqual } from 'node:util';
import type { CacheEvent } from '../events/events-schema.js';
import type { ExplainedCopy, ExplainedEntry } from './entries-schema.js';
import { eventInWords } from './event-words.js';
import type { StoryLine } from './why-schema.js';

/** A load is noted a moment after what it gave was stored. */
const NOTED_WITHIN_MS = 1000;

/** What of an invalidation touched the panel. */
type Scope = Extract<CacheEvent, { kind: 'invalidation' }>['scopes'][number];

/** What happened to a panel's entry, the oldest first: the events that touched it, and where it came from if no event tells. */
export function panelStory(entry: ExplainedEntry, events: readonly CacheEvent[]): StoryLine[] {
  const told = events.flatMap((event) => {
    const own = ownPart(event, entry);
    return own ? [{ at: own.at, text: textOf(own, entry), event: own }] : [];
  });
  const ownLoads = told.filter(({ event }) => isOfDefinition(event, entry));
  const copies = [entry.l1, entry.l2].filter((copy) => copy !== null);
  const foreign = new Map(
    copies
      .filter((copy) => !isTold(copy, ownLoads))
      .map(({ stored_at }) => [stored_at, foreignLoad(stored_at)]),
  );
  return [...told, ...foreign.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Whether a load was of the definition that is in force: only then a read finds what came of it. */
export function isOfDefinition(event: CacheEvent, { key }: ExplainedEntry): boolean {
  return event.kind === 'refresh' && (event.definition === undefined || event.definition === key.definition);
}

function textOf(event: CacheEvent, entry: ExplainedEntry): string {
  const text = eventInWords(event);
  if (event.kind !== 'refresh' || isOfDefinition(event, entry)) return text;
  return `${text}; by an earlier definition${event.outcome === 'loaded' ? ', whose entries are not read any more' : ''}`;
}

/** The event, of an invalidation only with the scopes that are the panel's; null where it has nothing to do with it. */
function ownPart(event: CacheEvent, entry: ExplainedEntry): CacheEvent | null {
  const { dashboard, panel } = entry.key;
  switch (event.kind) {
    case 'invalidation': {
      const scopes = event.scopes.filter((scope) => entry.tags.some((tag) => isSameScope(scope, tag)));
      return scopes.length > 0 ? { ...event, scopes } : null;
    }
    case 'change':
      return isTouched(event, entry) ? event : null;
    case 'refresh': {
      const isOwn =
        event.dashboard === dashboard && event.panel === panel && event.tenant === entry.key.tenant;
      return isOwn && isDeepStrictEqual(event.params, entry.params) ? event : null;
    }
    case 'warming':
      return event.dashboard === dashboard ? event : null;
    case 'switch': {
      const isOwn = event.dashboard === null || event.dashboard === dashboard;
      return isOwn && (event.panel === null || event.panel === panel) ? event : null;
    }
    case 'new_root':
      return event;
    case 'reload':
      return event.outcome === 'taken' ? event : null;
  }
}

function isSameScope(scope: Scope, tag: ExplainedEntry['tags'][number]): boolean {
  return scope.scope === tag.scope && scope.name === tag.name && scope.tenant === tag.tenant;
}

function isTouched(
  { source, by, tables }: Extract<CacheEvent, { kind: 'change' }>,
  { source: own, tables: read, key }: ExplainedEntry,
): boolean {
  if (by === 'gap' && source === own) return true;
  return tables.some(
    ({ table, tenants }) =>
      read.some((name) => isSameTable(name, table)) &&
      (tenants === null || key.tenant === null || tenants.includes(key.tenant)),
  );
}

/** `schema.tasks` is also known as `tasks`. */
function isSameTable(a: string, b: string): boolean {
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
}

function isTold({ stored_at }: ExplainedCopy, told: readonly StoryLine[]): boolean {
  const storedAtMs = Date.parse(stored_at);
  return told.some(({ at, event }) => {
    if (event?.kind !== 'refresh' || event.outcome !== 'loaded') return false;
    return Math.abs(Date.parse(at) - storedAtMs) <= NOTED_WITHIN_MS;
  });
}

function foreignLoad(at: string): StoryLine {
  return { at, text: 'loaded by another process, or before this one remembers', event: null };
}
