import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Histogram } from './histogram.js';
import { hitRate } from './read-counts.js';

const MINUTE_MS = 60_000;

/** What one process counted in one minute; the histograms are text. */
export interface MinuteRecord {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly requests: number;
  readonly hits: number;
  readonly misses: number;
  readonly bypasses: number;
  readonly errors: number;
  readonly stale_hits: number;
  readonly source_queries: number;
  readonly cache_errors: number;
  readonly l1: string;
  readonly l2: string;
  readonly source: string;
  readonly dashboard: string;
  readonly l1_bytes: number;
  readonly redis_bytes: number | null;
}

/** What adds up over minutes, processes and days. */
export const COUNTED = [
  'requests',
  'hits',
  'misses',
  'bypasses',
  'errors',
  'stale_hits',
  'source_queries',
  'cache_errors',
] as const satisfies readonly (keyof MinuteRecord)[];

const TIMED = ['l1', 'l2', 'source', 'dashboard'] as const satisfies readonly (keyof MinuteRecord)[];

const LatencySchema = Type.Object({
  p50_ms: Type.Union([Type.Number(), Type.Null()]),
  p95_ms: Type.Union([Type.Number(), Type.Null()]),
  p99_ms: Type.Union([Type.Number(), Type.Null()]),
});

/** One minute over all processes, as GET /reports/cache-history gives it. */
export const MinuteSumSchema = Type.Object({
  start: Type.String({
    description: 'Begin of the minute, RFC 3339 in UTC',
    examples: ['2026-01-31T08:00:00.000Z'],
  }),
  requests: Type.Number({ examples: [40] }),
  hits: Type.Number({ examples: [30] }),
  misses: Type.Number({ examples: [10] }),
  bypasses: Type.Number({ examples: [0] }),
  errors: Type.Number({ examples: [0] }),
  stale_hits: Type.Number({ examples: [0] }),
  hit_rate: Type.Number({ examples: [75] }),
  source_queries: Type.Number({ examples: [10] }),
  cache_errors: Type.Number({
    description: 'Reads, writes and questions that Redis failed, and frames in it that were none',
    examples: [0],
  }),
  latency: Type.Object({
    l1: LatencySchema,
    l2: LatencySchema,
    source: LatencySchema,
    dashboard: LatencySchema,
  }),
  l1_bytes: Type.Number({ description: 'Bytes in memory, all processes together' }),
  redis_bytes: Type.Union([Type.Number(), Type.Null()], {
    description: 'Bytes of our prefix in Redis; null when unknown',
  }),
  processes: Type.Number({ description: 'Processes that recorded this minute' }),
});

export type MinuteSum = Static<typeof MinuteSumSchema>;

const Count = Type.Number({ minimum: 0 });
/** Versions before counted less, and did not time whole dashboards. */
export const LEAST_COUNTED = 7;
/** The stored form, without names to stay small: the counted figures, the histograms, bytes. */
const BEFORE = [
  Type.Array(Count, { minItems: LEAST_COUNTED, maxItems: COUNTED.length }),
  Type.String(),
  Type.String(),
  Type.String(),
  Count,
  Type.Union([Count, Type.Null()]),
] as const;
const StoredSchema = Type.Union([Type.Tuple([...BEFORE]), Type.Tuple([...BEFORE, Type.String()])]);

export function storeMinute(record: MinuteRecord): string {
  const stored: Static<typeof StoredSchema> = [
    COUNTED.map((name) => record[name]),
    record.l1,
    record.l2,
    record.source,
    record.l1_bytes,
    record.redis_bytes,
    record.dashboard,
  ];
  return JSON.stringify(stored);
}

/** Reads what `storeMinute` gave; null for anything else, which another version may have written. */
export function restoreMinute(minute: number, text: string): MinuteRecord | null {
  try {
    const stored: unknown = JSON.parse(text);
    if (!Value.Check(StoredSchema, stored)) return null;
    const [counted, l1, l2, source, l1_bytes, redis_bytes, dashboard = ''] = stored;
    const figures = Object.fromEntries(COUNTED.map((name, i) => [name, counted[i] ?? 0]));
    return { minute, ...(figures as Counted), l1, l2, source, dashboard, l1_bytes, redis_bytes };
  } catch {
    return null;
  }
}

export type Counted = Record<(typeof COUNTED)[number], number>;

/** The records of several processes added up by minute, in order of time. */
export function sumMinutes(records: readonly MinuteRecord[]): MinuteSum[] {
  const byMinute = new Map<number, MinuteRecord[]>();
  for (const record of records) {
    const same = byMinute.get(record.minute);
    if (same) same.push(record);
    else byMinute.set(record.minute, [record]);
  }
  return [...byMinute.keys()].sort((a, b) => a - b).map((minute) => sumMinute(byMinute.get(minute) ?? []));
}

function sumMinute(records: readonly MinuteRecord[]): MinuteSum {
  const figures = Object.fromEntries(
    COUNTED.map((name) => [name, records.reduce((sum, record) => sum + record[name], 0)]),
  ) as Counted;
  const latency = Object.fromEntries(TIMED.map((name) => [name, percentiles(records, name)]));
  const redisBytes = records.map((record) => record.redis_bytes).filter((bytes) => bytes !== null);
  return {
    start: new Date((records[0]?.minute ?? 0) * MINUTE_MS).toISOString(),
    ...figures,
    hit_rate: hitRate(figures),
    latency: latency as MinuteSum['latency'],
    l1_bytes: records.reduce((sum, record) => sum + record.l1_bytes, 0),
    // Every process sees the same Redis: the figures are not added up.
    redis_bytes: redisBytes.length === 0 ? null : Math.max(...redisBytes),
    processes: records.length,
  };
}

function percentiles(records: readonly MinuteRecord[], name: (typeof TIMED)[number]) {
  const sum = new Histogram();
  for (const record of records) {
    // An idle minute's text is its sum alone: nothing to decode, nothing to add.
    const histogram = record[name].includes(' ') ? Histogram.decode(record[name]) : null;
    if (histogram) sum.merge(histogram);
  }
  return latencyOf(sum);
}

export function latencyOf(histogram: Histogram) {
  return {
    p50_ms: histogram.percentileMs(50),
    p95_ms: histogram.percentileMs(95),
    p99_ms: histogram.percentileMs(99),
  };
}
