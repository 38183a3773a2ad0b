import type { EnabledStatisticsBody } from '../../../services/statistics/report-schema.js';

type Panel = EnabledStatisticsBody['panels'][number];

const NO_READS = {
  total_requests: 0,
  hits: 0,
  stale_hits: 0,
  error_hits: 0,
  unproven_hits: 0,
  misses: 0,
  collapsed: 0,
  bypasses: 0,
  errors: 0,
  hit_rate: 0,
};

export function samplePanel(panel: string, counts: Partial<Panel> = {}): Panel {
  return {
    dashboard: 'operations',
    panel,
    title: null,
    ...NO_READS,
    recommendation: 'No reads yet',
    ...counts,
  };
}

const READS = {
  total_requests: 2000,
  hits: 1485,
  stale_hits: 20,
  error_hits: 3,
  unproven_hits: 0,
  misses: 495,
  collapsed: 12,
  bypasses: 8,
  errors: 12,
  hit_rate: 75,
};

const PROCESS = {
  id: 'a',
  pid: 12,
  started_at: '2026-11-25T08:00:00.000Z',
  age_ms: 0,
  ...READS,
  source_queries: 510,
  memory_entries: 812,
  memory_bytes: 4_210_000,
};

function latency(count: number, p50_ms: number | null, p95_ms: number | null) {
  return { count, mean_ms: p50_ms, p50_ms, p95_ms, p99_ms: p95_ms };
}

/** Statistics as a service with Redis would give them. */
export const SAMPLE_STATISTICS: EnabledStatisticsBody = {
  enabled: true,
  reach: 'cluster',
  cache_stats: READS,
  recommendation: 'Good hit rate',
  process: {
    ...PROCESS,
    uptime_seconds: 3600,
    events: { loads: 510 },
    frames_rejected: {},
    new_roots: { first: 1 },
    slow_operations: 0,
    resident_bytes: 180_000_000,
  },
  panels: [
    samplePanel('metrics', { total_requests: 900, hits: 850, misses: 50, hit_rate: 94.44 }),
    samplePanel('charts/tasks', {
      total_requests: 1080,
      hits: 635,
      misses: 445,
      errors: 0,
      hit_rate: 58.8,
    }),
    samplePanel('charts/vendors', { total_requests: 20, bypasses: 8, errors: 12 }),
    samplePanel('summary'),
  ],
  latency: {
    l1: latency(1400, 0.04, 0.21),
    l2: latency(85, 1.3, 4),
    source: latency(495, 131, 612),
    load: latency(0, null, null),
    dashboard: latency(0, null, null),
  },
  sources: [
    {
      name: 'main',
      queries: 12_510,
      failures: 12,
      refusals: 0,
      budget_waits: 0,
      budget_refusals: 0,
      queries_per_minute: 1,
      budget_per_minute: 400,
    },
  ],
  redis: {
    bytes: 3_100_000,
    entries: 790,
    values_bytes: 3_000_000,
    ledger_bytes: 90_000,
    other_bytes: 10_000,
    max_bytes: 100_000_000,
    target_bytes: 100_000_000,
  },
  memory: { entries: 812, bytes: 4_210_000, max_bytes: 268_435_456 },
  processes: [PROCESS, { ...PROCESS, id: 'b' }, { ...PROCESS, id: 'c' }],
  targets: [
    { name: 'hit_rate', unit: 'percent', wanted: 'at_least', target: 60, actual: 75, met: true },
    { name: 'load_time', unit: 'ms', wanted: 'at_most', target: 500, actual: 612, met: false },
    { name: 'source_queries', unit: 'per_minute', wanted: 'at_most', target: 400, actual: 1, met: true },
    { name: 'redis_memory', unit: 'bytes', wanted: 'at_most', target: 1e8, actual: null, met: null },
  ],
};
