import type { Bypassed } from '../bypass/bypass-schema.js';
import type { Baseline } from './baseline.js';

type Measured = Omit<Baseline, 'version' | 'measured_at' | 'traffic' | 'seed'>;

/** What the samples of a baseline add up to. */
export class BaselineTally {
  readonly #durationsMs: number[] = [];
  readonly #dashboardsMs: number[] = [];
  #requestsCount = 0;
  #failedCount = 0;
  #refusedCount = 0;
  #queriesCount = 0;

  get requestsCount(): number {
    return this.#requestsCount;
  }

  add({ panels, is_whole, duration_ms: wholeMs }: Bypassed): void {
    this.#requestsCount++;
    if (is_whole && panels.some(({ problem }) => problem === null)) this.#dashboardsMs.push(wholeMs);
    for (const { duration_ms, queries, problem } of panels) {
      // A query that fails was asked all the same; its reader got no dashboard in that time.
      this.#queriesCount += queries;
      if (problem === null) this.#durationsMs.push(duration_ms);
      else this.#failedCount++;
    }
  }

  /** The service knows nothing at an address of the traffic. */
  refuse(): void {
    this.#refusedCount++;
  }

  /** `requestsPerMinute` is what readers ask; the sample tells what each of that costs. */
  told(requestsPerMinute: number | null): Measured {
    const readsCount = this.#durationsMs.length;
    const answered = this.#requestsCount + this.#refusedCount;
    const known = requestsPerMinute === null || this.#requestsCount === 0 ? null : requestsPerMinute;
    return {
      requests: this.#requestsCount,
      reads: readsCount,
      failed: this.#failedCount,
      refused: this.#refusedCount,
      hit_rate: readsCount === 0 ? null : 0,
      load_time: timesOf(this.#durationsMs),
      dashboard_load_time: timesOf(this.#dashboardsMs),
      queries: this.#queriesCount,
      requests_per_minute: known === null ? null : rounded(known),
      // What is refused costs nothing, in the traffic as in the sample.
      queries_per_minute: known === null ? null : rounded((known * this.#queriesCount) / answered),
    };
  }
}

function timesOf(durationsMs: readonly number[]): Measured['load_time'] {
  const sortedMs = durationsMs.toSorted((a, b) => a - b);
  const sumMs = sortedMs.reduce((sum, ms) => sum + ms, 0);
  return {
    mean_ms: sortedMs.length === 0 ? null : rounded(sumMs / sortedMs.length),
    p50_ms: percentile(sortedMs, 50),
    p95_ms: percentile(sortedMs, 95),
    p99_ms: percentile(sortedMs, 99),
  };
}

/** Nearest rank; null without values. */
function percentile(sortedMs: readonly number[], percent: number): number | null {
  const ms = sortedMs[Math.max(1, Math.ceil((percent / 100) * sortedMs.length)) - 1];
  return ms === undefined ? null : rounded(ms);
}

function rounded(figure: number): number {
  return Math.round(figure * 1000) / 1000;
}
