import type { CacheEvent } from './answers.js';
import { counted, milliseconds } from './format.js';

type Of<Kind extends CacheEvent['kind']> = Extract<CacheEvent, { kind: Kind }>;

export const KINDS: Readonly<Record<CacheEvent['kind'], string>> = {
  invalidation: 'Invalidation',
  change: 'Changed data',
  refresh: 'Load',
  warming: 'Warming',
  switch: 'Switch',
  new_root: 'New proof',
  reload: 'Definitions',
};

/** What happened and why, in a sentence. */
export function eventInWords(event: CacheEvent): string {
  switch (event.kind) {
    case 'invalidation':
      return invalidation(event);
    case 'change':
      return change(event);
    case 'refresh':
      return refresh(event);
    case 'warming':
      return `${event.dashboard} was warmed ${TRIGGERS[event.trigger]}: ${event.loaded} of ${counted(event.panels, 'panel')} loaded, ${event.failed} failed, ${event.hits} hit now`;
    case 'switch':
      return `The cache was switched ${event.enabled ? 'on' : 'off'} for ${placeOf(event.dashboard, event.panel)}`;
    case 'new_root':
      return ROOTS[event.cause];
    case 'reload':
      return event.outcome === 'taken'
        ? 'Changed definitions came into force'
        : 'Changed definitions were refused: the log says why';
  }
}

export function placeOf(dashboard: string | null, panel: string | null): string {
  if (dashboard === null) return 'everything';
  return panel === null ? `all of ${dashboard}` : `${dashboard}/${panel}`;
}

function invalidation({ mode, cause, scopes, taken, call }: Of<'invalidation'>): string {
  const what = scopes.map(({ scope, name, tenant }) => {
    const named = name === null ? (scope === 'all' ? 'everything' : scope) : `${scope} ${name}`;
    return tenant === null ? named : `${named} of tenant ${tenant}`;
  });
  const causes = {
    request: `somebody asked for it${call ? ` (call ${call})` : ''}`,
    table: 'its data changed',
    switch: 'the cache was switched on again',
    unknown: 'another process did not say why',
  };
  const reach = taken ? '' : ', in this process only so far: Redis did not take it';
  return `${what.join(', ')} ${mode === 'purge' ? 'purged' : 'expired'}, because ${causes[cause]}${reach}`;
}

function change({ source, by, tables }: Of<'change'>): string {
  if (by === 'gap') return `Changes of ${source} may have been missed, so all of it counts as changed`;
  const names = tables.map(({ table, tenants }) =>
    tenants ? `${table} (tenants ${tenants.join(', ')})` : table,
  );
  return by === 'files'
    ? `The files of ${source} were replaced`
    : `${source} told of changes in ${names.join(', ')}`;
}

function refresh({ dashboard, panel, tenant, cause, outcome, code, duration_ms }: Of<'refresh'>): string {
  const who = tenant === null ? '' : ` of tenant ${tenant}`;
  const how = outcome === 'loaded' ? 'loaded' : `failed to load (${code})`;
  return `${dashboard}/${panel}${who} ${how} in ${milliseconds(duration_ms)}, because ${CAUSES[cause]}`;
}

const CAUSES: Readonly<Record<Of<'refresh'>['cause'], string>> = {
  absent: 'nothing was stored',
  stale: 'its ttl was over',
  expired: 'it was expired',
  purged: 'it was purged',
  lost: 'Redis lost the proof of it',
  warming: 'it was warmed',
  reload: 'a reader wanted nothing older',
};

const TRIGGERS: Readonly<Record<Of<'warming'>['trigger'], string>> = {
  schedule: 'by schedule',
  deploy: 'after a deploy',
  load: 'after a load job',
};

const ROOTS: Readonly<Record<Of<'new_root'>['cause'], string>> = {
  first: 'The cache began empty',
  lost: 'Redis lost our data: nothing from before is used again',
  foreign: 'Redis is another server, or was restored: nothing from before is used again',
};
