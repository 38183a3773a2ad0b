import type { MinuteSum } from './answers.js';

/** A stretch of minutes, as one point of a chart. */
export interface Bucket {
  readonly startMs: number;
  readonly requests: number;
  readonly hitRate: number | null;
  /** Of the hits, in percent. */
  readonly staleShare: number | null;
  readonly errors: number;
  /** Of the busiest minute: a budget is for each. */
  readonly queries: number | null;
  /** Of the slowest minute. */
  readonly p95: Readonly<Record<'dashboard' | 'l1' | 'l2' | 'source', number | null>>;
  readonly redisBytes: number | null;
  readonly memoryBytes: number | null;
}

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Every step from begin to end; one in which no process ran has no figures. */
export function buckets(minutes: readonly MinuteSum[], { fromMs, toMs, stepMs }: Stretch): Bucket[] {
  const byStep = new Map<number, MinuteSum[]>();
  for (const minute of minutes) {
    const step = Math.floor(Date.parse(minute.start) / stepMs);
    const same = byStep.get(step);
    if (same) same.push(minute);
    else byStep.set(step, [minute]);
  }
  const made: Bucket[] = [];
  for (let step = Math.floor(fromMs / stepMs) + 1; step * stepMs <= toMs; step++)
    made.push(bucket(step * stepMs, byStep.get(step) ?? []));
  return made;
}

function bucket(startMs: number, minutes: readonly MinuteSum[]): Bucket {
  const sum = (name: 'requests' | 'hits' | 'misses' | 'stale_hits' | 'errors') =>
    minutes.reduce((total, minute) => total + minute[name], 0);
  const slowest = (name: keyof Bucket['p95']) => most(minutes.map(({ latency }) => latency[name].p95_ms));
  const hits = sum('hits');
  const reads = hits + sum('misses');
  return {
    startMs,
    requests: sum('requests'),
    hitRate: reads === 0 ? null : Math.round((10_000 * hits) / reads) / 100,
    staleShare: hits === 0 ? null : Math.round((10_000 * sum('stale_hits')) / hits) / 100,
    errors: sum('errors'),
    queries: most(minutes.map(({ source_queries }) => source_queries)),
    p95: {
      dashboard: slowest('dashboard'),
      l1: slowest('l1'),
      l2: slowest('l2'),
      source: slowest('source'),
    },
    redisBytes: most(minutes.map(({ redis_bytes }) => redis_bytes)),
    memoryBytes: most(minutes.map(({ l1_bytes }) => l1_bytes)),
  };
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
