import type { Entries, ExplainedCopy, ExplainedEntry } from '../../../services/explain/entries-schema.js';

const STORED_AT_MS = Date.parse('2026-11-25T08:00:00.000Z');
const AGE_MS = 12_400;

export function sampleCopy(copy: Partial<ExplainedCopy> = {}): ExplainedCopy {
  const at = (fromStoredMs: number) => new Date(STORED_AT_MS + fromStoredMs).toISOString();
  return {
    state: 'fresh',
    reason: 'its ttl is not over, and every generation is current',
    stored_at: at(0),
    stale_at: at(600_000),
    delete_at: at(600_000 + 86_400_000),
    generated_at: at(-3_600_000),
    age_ms: AGE_MS,
    bytes: 1812,
    etag: '"-NufMB2ijhUrCOh6UwXp5A"',
    ...copy,
  };
}

export function sampleEntry(entry: Partial<ExplainedEntry> = {}): ExplainedEntry {
  return {
    panel: 'charts/tasks',
    params: { site_id: 7, period: '2026-10-26T00:00:00Z/2026-11-25T00:00:00Z' },
    state: 'fresh',
    reason: 'answered from memory: it is fresh',
    found_in: 'l1',
    age_ms: AGE_MS,
    enabled: true,
    policy: {
      ttl_ms: 600_000,
      ttl_origin: 'CHART_DATA_TIMEOUT',
      grace_ms: 3_600_000,
      stale_if_error_ms: 86_400_000,
      deadline_ms: 30_000,
      max_staleness_ms: null,
      soft_deadline_ms: null,
      unproven: 'allow',
    },
    source: 'main',
    tables: ['tasks'],
    tables_verdict: 'exact',
    key: {
      hash: 'q8Zk2v3bT1',
      redis_key: 'dc:e:q8Zk2v3bT1',
      dashboard: 'operations',
      panel: 'charts/tasks',
      tenant: '7',
      definition: 'Xb1k',
      params: [
        { name: 'site_id', type: 'integer', value: '7' },
        { name: 'period', type: 'period', value: '2026-10-26T00:00:00Z/2026-11-25T00:00:00Z' },
        { name: 'note', type: 'string', value: null },
      ],
    },
    tags: [
      { tag: 'a', scope: 'all', name: null, tenant: null },
      { tag: 'd:operations', scope: 'dashboard', name: 'operations', tenant: null },
      { tag: 't:tasks:7', scope: 'table', name: 'tasks', tenant: '7' },
    ],
    l1: sampleCopy(),
    l2: sampleCopy(),
    ...entry,
  };
}

export function sampleEntries(entries: readonly ExplainedEntry[]): Entries {
  return {
    url: '/dashboards/operations?site_id=7',
    dashboard: 'operations',
    tenant: '7',
    entries: [...entries],
  };
}
