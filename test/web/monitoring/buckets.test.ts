import t from 'tap';
import type { MinuteSum } from '../../../services/statistics/minute-record.js';
import { buckets } from '../../../web/monitoring/buckets.js';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 31, 8);

function minute(at: number, given: Partial<MinuteSum> & { readonly p95_ms?: number }): MinuteSum {
  const { p95_ms = null, ...figures } = given;
  const latency = { p50_ms: null, p95_ms, p99_ms: null };
  return {
    start: new Date(START_MS + at * MINUTE_MS).toISOString(),
    requests: 0,
    hits: 0,
    misses: 0,
    bypasses: 0,
    errors: 0,
    stale_hits: 0,
    hit_rate: 0,
    source_queries: 0,
    cache_errors: 0,
    latency: { l1: latency, l2: latency, source: latency, dashboard: latency },
    l1_bytes: 0,
    redis_bytes: null,
    processes: 1,
    ...figures,
  };
}

t.test('minutes of one step: the rate of all their reads, otherwise the worst of them', async (t) => {
  const minutes = [
    minute(11, { hits: 90, misses: 10, stale_hits: 9, source_queries: 12, p95_ms: 20, redis_bytes: 7 }),
    minute(12, { hits: 0, misses: 20, source_queries: 40, p95_ms: 400, redis_bytes: 5 }),
  ];
  const made = buckets(minutes, {
    fromMs: START_MS,
    toMs: START_MS + 25 * MINUTE_MS,
    stepMs: 10 * MINUTE_MS,
  });
  t.equal(made.length, 2);
  t.match(made[0], {
    startMs: START_MS + 10 * MINUTE_MS,
    hitRate: 75,
    staleShare: 10,
    queries: 40,
    p95: { l1: 400 },
    redisBytes: 7,
  });
});

t.test('a step in which nothing was recorded, or nothing read: no figures rather than zeros', async (t) => {
  const made = buckets([minute(1, {})], {
    fromMs: START_MS,
    toMs: START_MS + 2 * MINUTE_MS,
    stepMs: MINUTE_MS,
  });
  t.match(made, [
    { hitRate: null, staleShare: null, queries: 0, redisBytes: null },
    { hitRate: null, queries: null, memoryBytes: null },
  ]);
});
