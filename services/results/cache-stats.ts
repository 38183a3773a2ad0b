import type { ReadCounters } from '../statistics/counters.js';
import { hitRate, type ReadCounts, recommendation } from '../statistics/read-counts.js';

export interface CacheStats extends ReadCounters {
  /** Hits of hits and misses in percent, rounded to 2 digits; 0 without such calls. */
  readonly hit_rate: number;
  readonly recommendation: string;
}

/** What was counted, with the words and meaning of the service's own statistics. */
export function cacheStats(counts: ReadCounts): CacheStats {
  const counters = counts.counters();
  const rate = hitRate(counters);
  return { ...counters, hit_rate: rate, recommendation: recommendation(rate, counters.total_requests) };
}
