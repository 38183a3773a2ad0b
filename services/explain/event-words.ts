import type { CacheEvent } from '../events/events-schema.js';
import { lengthInWords } from './length-in-words.js';

type Event<Kind extends CacheEvent['kind']> = Extract<CacheEvent, { kind: Kind }>;

/** What happened, as a clause: `purged: somebody asked for it, table tasks of tenant 7`. */
export function eventInWords(event: CacheEvent): string {
  switch (event.kind) {
    case 'invalidation':
      return invalidationInWords(event);
    case 'change':
      return changeInWords(event);
    case 'refresh':
      return refreshInWords(event);
    case 'warming':
      return `its dashboard was warmed ${WARMING_TRIGGERS[event.trigger]}: a read then hit for ${event.hits} of ${event.panels} panels`;
    case 'switch':
      return `the cache was switched ${event.enabled ? 'on' : 'off'} for ${placeInWords(event)}`;
    case 'new_root':
      return NEW_ROOTS[event.cause];
    case 'reload':
      return event.outcome === 'taken'
        ? 'changed definitions came into force'
        : 'changed definitions were refused';
  }
}

const WARMING_TRIGGERS = {
  schedule: 'by its schedule',
  deploy: 'after a deploy',
  load: 'after a load job',
} as const;

const NEW_ROOTS: Readonly<Record<Event<'new_root'>['cause'], string>> = {
  first: 'the cache began: there was nothing in Redis or memory to go on with',
  lost: 'Redis lost our data: nothing from before is used again',
  foreign: 'Redis has the data of another server, or restored ones: nothing from before is used again',
};

const INVALIDATION_CAUSES: Readonly<Record<Event<'invalidation'>['cause'], string>> = {
  request: 'somebody asked for it',
  table: 'data changed',
  switch: 'the cache was switched on again',
  unknown: 'another version of the service says why',
};

const LOAD_CAUSES: Readonly<Record<Event<'refresh'>['cause'], string>> = {
  absent: 'nothing was stored',
  stale: 'its ttl was over',
  expired: 'it was expired',
  purged: 'it was purged',
  lost: 'Redis had lost the proof of it',
  warming: 'it was warmed',
  reload: 'a reader wanted it anew',
};

function invalidationInWords({ mode, cause, call, scopes, taken }: Event<'invalidation'>): string {
  const what = scopes.map(scopeInWords).join(', ');
  const why = call === undefined ? INVALIDATION_CAUSES[cause] : `a call asked for it (request ${call})`;
  const where = taken ? '' : '; Redis has not taken it yet, so it holds in this process only';
  return `${mode === 'purge' ? 'purged' : 'expired'}: ${why}${what === '' ? '' : `, ${what}`}${where}`;
}

function scopeInWords({ scope, name, tenant }: Event<'invalidation'>['scopes'][number]): string {
  const what = scope === 'all' ? 'everything' : name === null ? scope : `${scope} ${name}`;
  return tenant === null ? what : `${what} of tenant ${tenant}`;
}

function changeInWords({ source, by, tables }: Event<'change'>): string {
  if (by === 'gap')
    return `changes in ${source} may have been missed, since its feed began or was interrupted: all that was read from it counts as changed`;
  const named = tables.map(({ table, tenants }) =>
    tenants === null ? table : `${table} of tenant${tenants.length === 1 ? '' : 's'} ${tenants.join(', ')}`,
  );
  const what = `${tables.length === 1 ? 'table' : 'tables'} ${named.join(', ')}`;
  return by === 'files'
    ? `${what} of ${source}: the data were replaced`
    : `${what} of ${source}: its change feed told of writes`;
}

function refreshInWords({ cause, outcome, code, duration_ms }: Event<'refresh'>): string {
  const after = lengthInWords(duration_ms);
  return outcome === 'loaded'
    ? `loaded in ${after}, because ${LOAD_CAUSES[cause]}`
    : `a load failed after ${after} (${code ?? 'unknown'}); it was begun because ${LOAD_CAUSES[cause]}`;
}

function placeInWords({ dashboard, panel }: Event<'switch'>): string {
  if (dashboard === null) return 'everything';
  return panel === null ? dashboard : `${panel} of ${dashboard}`;
}
