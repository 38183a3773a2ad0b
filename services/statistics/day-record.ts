import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Histogram } from './histogram.js';
import { COUNTED, type Counted, LEAST_COUNTED, type MinuteRecord } from './minute-record.js';

/** What all processes counted in one day of UTC, made of their minutes; small enough to be kept for a year. */
export interface DayRecord extends Counted {
  /** Days since 1970. */
  readonly day: number;
  /** Minutes of processes that it is made of: of two records of one day, the one of more is the fuller. */
  readonly partsCount: number;
  /** Minutes in which at least one process ran. */
  readonly minutesCount: number;
  /** Source queries in the minute that had the most. */
  readonly busiest_minute_queries: number;
  /** Durations of all panel reads, as text. */
  readonly durations: string;
  /** The same of whole dashboards. */
  readonly dashboardDurations: string;
  readonly redis_max_bytes: number | null;
}

const Count = Type.Number({ minimum: 0 });
/** The stored form behind the number of its parts, without names to stay small. */
const BEFORE = [
  Type.Array(Count, { minItems: LEAST_COUNTED, maxItems: COUNTED.length }),
  Count,
  Count,
  Type.String(),
  Type.Union([Count, Type.Null()]),
] as const;
const StoredSchema = Type.Union([Type.Tuple([...BEFORE]), Type.Tuple([...BEFORE, Type.String()])]);

/** One day made of its minutes. */
export function dayOf(day: number, minutes: readonly MinuteRecord[]): DayRecord {
  const durations = new Histogram();
  const dashboardDurations = new Histogram();
  const queries = new Map<number, number>();
  const figures = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Counted;
  let redisMaxBytes: number | null = null;
  for (const record of minutes) {
    for (const name of COUNTED) figures[name] += record[name];
    queries.set(record.minute, (queries.get(record.minute) ?? 0) + record.source_queries);
    if (record.redis_bytes !== null) redisMaxBytes = Math.max(redisMaxBytes ?? 0, record.redis_bytes);
    for (const text of [record.l1, record.l2, record.source]) mergeText(durations, text);
    mergeText(dashboardDurations, record.dashboard);
  }
  return {
    day,
    partsCount: minutes.length,
    minutesCount: queries.size,
    ...figures,
    busiest_minute_queries: Math.max(0, ...queries.values()),
    durations: durations.encode(),
    dashboardDurations: dashboardDurations.encode(),
    redis_max_bytes: redisMaxBytes,
  };
}

/** Adds the durations of a text; one without any costs nothing. */
export function mergeText(durations: Histogram, text: string): void {
  const added = text.includes(' ') ? Histogram.decode(text) : null;
  if (added) durations.merge(added);
}

/** Without its day and the number of its parts. */
export function storeDay(record: DayRecord): string {
  const stored: Static<typeof StoredSchema> = [
    COUNTED.map((name) => record[name]),
    record.minutesCount,
    record.busiest_minute_queries,
    record.durations,
    record.redis_max_bytes,
    record.dashboardDurations,
  ];
  return JSON.stringify(stored);
}

/** Reads what `storeDay` gave; null for anything else, which another version may have written. */
export function restoreDay(day: number, partsCount: number, text: string): DayRecord | null {
  try {
    const stored: unknown = JSON.parse(text);
    if (!Value.Check(StoredSchema, stored)) return null;
    const [counted, minutesCount, busiest_minute_queries, durations, redis_max_bytes, dashboard = ''] =
      stored;
    const figures = Object.fromEntries(COUNTED.map((name, i) => [name, counted[i] ?? 0])) as Counted;
    return {
      day,
      partsCount,
      minutesCount,
      ...figures,
      busiest_minute_queries,
      durations,
      dashboardDurations: dashboard,
      redis_max_bytes,
    };
  } catch {
    return null;
  }
}
