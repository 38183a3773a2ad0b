import type { Baseline } from '../../../../services/report/baseline.js';
import type { PeriodFigures } from '../../../../services/statistics/period-figures.js';
import type {
  EnabledPeriodsBody,
  EnabledStatisticsBody,
} from '../../../../services/statistics/report-schema.js';

export const TARGETS: EnabledStatisticsBody['targets'] = [
  { name: 'hit_rate', unit: 'percent', wanted: 'at_least', target: 60, actual: 75, met: true },
  { name: 'load_time', unit: 'ms', wanted: 'at_most', target: 500, actual: 612, met: false },
  { name: 'source_queries', unit: 'per_minute', wanted: 'at_most', target: 400, actual: 1, met: true },
  { name: 'redis_memory', unit: 'bytes', wanted: 'at_most', target: 100_000_000, actual: null, met: null },
];

/** What the old application took. */
export const SAMPLE_BASELINE: Baseline = {
  version: 1,
  measured_at: '2026-11-15T12:00:00.000Z',
  traffic: 'access_log',
  seed: 7,
  requests: 500,
  reads: 500,
  failed: 0,
  refused: 0,
  hit_rate: 0,
  load_time: { mean_ms: 1400, p50_ms: 1200, p95_ms: 2500, p99_ms: 4000 },
  queries: 1000,
  requests_per_minute: 750,
  queries_per_minute: 1500,
};

const GOOD: PeriodFigures = {
  minutes: 1440,
  requests: 50_000,
  hits: 41_250,
  misses: 8750,
  bypasses: 0,
  errors: 0,
  stale_hits: 0,
  hit_rate: 82.5,
  source_queries: 305_856,
  queries_per_minute: 212.4,
  busiest_minute_queries: 380,
  cache_errors: 0,
  load_time: { mean_ms: 48.2, p50_ms: 0.4, p95_ms: 312, p99_ms: 900 },
  dashboard_load_time: { mean_ms: null, p50_ms: null, p95_ms: null, p99_ms: null },
  redis_max_bytes: 41_000_000,
};

type Period = EnabledPeriodsBody['total'];

export function samplePeriod(kind: Period['kind'], figures: Partial<Period> = {}): Period {
  return { kind, first_day: '2026-11-16', last_day: '2026-11-16', ...GOOD, ...figures };
}

const LATE = { mean_ms: 60, p50_ms: 0.4, p95_ms: 612, p99_ms: 1200 };

/** Two days with one fault each, and a week that was slow. */
export const SAMPLE_PERIODS: EnabledPeriodsBody = {
  enabled: true,
  reach: 'cluster',
  since: '2026-11-16',
  total: samplePeriod('total', {
    last_day: '2026-11-25',
    requests: 350_000,
    minutes: 14_400,
    load_time: LATE,
  }),
  periods: [
    samplePeriod('day', { hit_rate: 41.2 }),
    samplePeriod('day', { first_day: '2026-11-17', last_day: '2026-11-17', errors: 12 }),
    samplePeriod('week', { first_day: '2026-11-23', last_day: '2026-11-29', load_time: LATE }),
  ],
};
