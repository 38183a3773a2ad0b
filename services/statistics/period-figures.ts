import { type Static, Type } from '@sinclair/typebox';
import { type DayRecord, mergeText } from './day-record.js';
import { Histogram } from './histogram.js';
import { COUNTED, type Counted } from './minute-record.js';
import { hitRate } from './read-counts.js';

const Count = Type.Number({ minimum: 0 });
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);

const TIMES = { mean_ms: MaybeNumber, p50_ms: MaybeNumber, p95_ms: MaybeNumber, p99_ms: MaybeNumber };

/** What was counted in some days. What nothing was measured of is null. */
export const PeriodFiguresSchema = Type.Object({
  minutes: Type.Number({ minimum: 0, description: 'Minutes in which at least one process ran' }),
  requests: Count,
  hits: Count,
  misses: Count,
  bypasses: Count,
  errors: Count,
  stale_hits: Count,
  hit_rate: MaybeNumber,
  source_queries: Count,
  cache_errors: Count,
  queries_per_minute: Type.Union([Type.Number(), Type.Null()], {
    description: 'Source queries by the minutes in which at least one process ran',
  }),
  busiest_minute_queries: Count,
  load_time: Type.Object(TIMES, { description: 'Of panel reads, as their readers waited for them' }),
  dashboard_load_time: Type.Object(TIMES, {
    description:
      'Of whole dashboards, each until its last panel was there; null where none was read in one request',
  }),
  redis_max_bytes: Type.Union([Type.Number(), Type.Null()], {
    description: 'The most that our prefix held in Redis at the end of a minute',
  }),
});

export type PeriodFigures = Static<typeof PeriodFiguresSchema>;

/** Days added up. */
export function periodFigures(days: readonly DayRecord[]): PeriodFigures {
  const sum = (name: keyof Counted | 'minutesCount') => days.reduce((total, day) => total + day[name], 0);
  const counted = Object.fromEntries(COUNTED.map((name) => [name, sum(name)])) as Counted;
  const minutes = sum('minutesCount');
  const redis = days.map((day) => day.redis_max_bytes).filter((bytes) => bytes !== null);
  return {
    minutes,
    ...counted,
    hit_rate: counted.hits + counted.misses === 0 ? null : hitRate(counted),
    queries_per_minute: minutes === 0 ? null : rounded(counted.source_queries / minutes),
    busiest_minute_queries: Math.max(0, ...days.map((day) => day.busiest_minute_queries)),
    load_time: loadTime(days.map(({ durations }) => durations)),
    dashboard_load_time: loadTime(days.map(({ dashboardDurations }) => dashboardDurations)),
    redis_max_bytes: redis.length === 0 ? null : Math.max(...redis),
  };
}

function loadTime(texts: readonly string[]): PeriodFigures['load_time'] {
  const durations = new Histogram();
  for (const text of texts) mergeText(durations, text);
  return {
    mean_ms: durations.count === 0 ? null : rounded(durations.sumMs / durations.count),
    p50_ms: durations.percentileMs(50),
    p95_ms: durations.percentileMs(95),
    p99_ms: durations.percentileMs(99),
  };
}

function rounded(figure: number): number {
  return Math.round(figure * 1000) / 1000;
}
