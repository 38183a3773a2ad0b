import type { PanelWhy, Why } from '../../../services/explain/why-schema.js';

const params = { site_id: 7 };

const STORY: PanelWhy['story'] = [
  {
    at: '2026-11-25T07:58:00.000Z',
    text: 'table tasks of tenant 7 of crm: its change feed told of writes',
    event: {
      kind: 'change',
      at: '2026-11-25T07:58:00.000Z',
      source: 'crm',
      by: 'feed',
      tables: [{ table: 'tasks', tenants: ['7'] }],
    },
  },
  {
    at: '2026-11-25T07:58:00.000Z',
    text: 'purged: data changed, table tasks of tenant 7',
    event: {
      kind: 'invalidation',
      at: '2026-11-25T07:58:00.000Z',
      mode: 'purge',
      cause: 'table',
      taken: true,
      scopes: [{ scope: 'table', name: 'tasks', tenant: '7' }],
    },
  },
  {
    at: '2026-11-25T07:59:48.000Z',
    text: 'loaded in 131 ms, because it was purged',
    event: {
      kind: 'refresh',
      at: '2026-11-25T07:59:48.000Z',
      dashboard: 'operations',
      panel: 'charts/tasks',
      tenant: '7',
      params,
      cause: 'purged',
      outcome: 'loaded',
      code: null,
      duration_ms: 131,
    },
  },
];

export function samplePanelWhy(changed: Partial<PanelWhy> = {}): PanelWhy {
  return {
    panel: 'charts/tasks',
    params,
    state: 'fresh',
    reason: 'The next read is answered from memory: Fresh for another 9 min 47 s.',
    found_in: 'l1',
    age_ms: 12_000,
    enabled: true,
    answer: 'hit',
    because: 'loaded in 131 ms, because it was purged; nothing has invalidated it since',
    refresh: {
      state: 'none',
      reason: 'None before its ttl ends in 9 min 47 s; the first read after that brings one.',
      stale_at: '2026-11-25T08:09:47.000Z',
      contract_ends_at: null,
      warmed_at: '2026-11-26T06:30:00.000Z',
    },
    story: STORY,
    ...changed,
  };
}

/** What a service tells of one panel. */
export function sampleWhy(panels: PanelWhy[] = [samplePanelWhy()]): Why {
  return {
    url: '/dashboards/operations/charts/tasks?site_id=7',
    dashboard: 'operations',
    tenant: '7',
    asked_at: '2026-11-25T08:00:00.000Z',
    process: { pid: 4711, remembers_since: '2026-11-25T04:48:00.000Z' },
    panels,
  };
}
