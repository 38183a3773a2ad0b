import t from 'tap';
import type { CacheEvent } from '../../../services/events/events-schema.js';
import { eventInWords } from '../../../services/explain/event-words.js';

const at = '2026-11-25T08:00:00.000Z';
const refresh = {
  kind: 'refresh',
  at,
  dashboard: 'shop',
  panel: 'metrics',
  tenant: null,
  params: {},
  cause: 'lost',
  outcome: 'loaded',
  code: null,
  duration_ms: 40,
} as const;
const invalidation = { kind: 'invalidation', at, mode: 'purge', cause: 'request', taken: true } as const;
const warming = {
  kind: 'warming',
  at,
  dashboard: 'shop',
  trigger: 'schedule',
  duration_ms: 900,
  panels: 14,
  loaded: 10,
  fresh: 3,
  failed: 1,
  switched_off: 0,
  hits: 13,
} as const;
const all = { scope: 'all', name: null, tenant: null };

const WORDS: readonly (readonly [CacheEvent, string])[] = [
  [{ ...invalidation, scopes: [all] }, 'purged: somebody asked for it, everything'],
  [
    { ...invalidation, call: 'nightly:7', scopes: [all] },
    'purged: a call asked for it (request nightly:7), everything',
  ],
  [
    {
      ...invalidation,
      mode: 'expire',
      cause: 'table',
      scopes: [
        { scope: 'table', name: 'sales', tenant: '7' },
        { ...all, tenant: '7' },
      ],
    },
    'expired: data changed, table sales of tenant 7, everything of tenant 7',
  ],
  [
    { ...invalidation, cause: 'unknown', taken: false, scopes: [] },
    'purged: another version of the service says why; Redis has not taken it yet, so it holds in this process only',
  ],
  [
    {
      kind: 'change',
      at,
      source: 'crm',
      by: 'feed',
      tables: [
        { table: 'a', tenants: ['7', '8'] },
        { table: 'b', tenants: null },
      ],
    },
    'tables a of tenants 7, 8, b of crm: its change feed told of writes',
  ],
  [
    { kind: 'change', at, source: 'crm', by: 'gap', tables: [] },
    'changes in crm may have been missed, since its feed began or was interrupted: all that was read from it counts as changed',
  ],
  [
    { kind: 'change', at, source: 'files', by: 'files', tables: [{ table: 'prices', tenants: null }] },
    'table prices of files: the data were replaced',
  ],
  [refresh, 'loaded in 40 ms, because Redis had lost the proof of it'],
  [
    { ...refresh, cause: 'warming', outcome: 'failed', code: null },
    'a load failed after 40 ms (unknown); it was begun because it was warmed',
  ],
  [warming, 'its dashboard was warmed by its schedule: a read then hit for 13 of 14 panels'],
  [
    { ...warming, trigger: 'load' },
    'its dashboard was warmed after a load job: a read then hit for 13 of 14 panels',
  ],
  [
    { kind: 'switch', at, enabled: true, dashboard: null, panel: null },
    'the cache was switched on for everything',
  ],
  [
    { kind: 'switch', at, enabled: false, dashboard: 'shop', panel: null },
    'the cache was switched off for shop',
  ],
  [{ kind: 'new_root', at, cause: 'lost' }, 'Redis lost our data: nothing from before is used again'],
  [{ kind: 'reload', at, outcome: 'taken' }, 'changed definitions came into force'],
  [{ kind: 'reload', at, outcome: 'refused' }, 'changed definitions were refused'],
];

for (const [event, words] of WORDS)
  t.test(`${event.kind}: ${words}`, async (t) => {
    t.equal(eventInWords(event), words);
  });
