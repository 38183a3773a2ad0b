import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Histogram } from './histogram.js';
import { type MinuteRecord, type MinuteSum, sumMinutes } from './minute-record.js';
import type { ReadCounts } from './read-counts.js';
import type { RedisHistory } from './redis-history.js';
import type { Statistics } from './statistics.js';

const MINUTE_MS = 60_000;
/** Eight days of minutes. */
const KEPT_MINUTES_COUNT = 8 * 24 * 60;

export interface HistoryOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly statistics: Statistics;
  /** What our prefix holds in Redis, in bytes; null when unknown. */
  readonly redisBytes: () => number | null;
  /** Where all processes' minutes meet; null: memory only. */
  readonly redis: RedisHistory | null;
}

export interface HistoryRange {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

/** cluster: of all processes; process: of this one since its start, because Redis did not answer or there is none. */
export type HistoryReach = 'cluster' | 'process';

export interface HistoryAnswer {
  readonly reach: HistoryReach;
  /** In order of time; a minute in which no process ran is absent. */
  readonly minutes: MinuteSum[];
}

/** The same by process, in no order. */
export interface HistoryRecords {
  readonly reach: HistoryReach;
  readonly records: MinuteRecord[];
}

interface Marks {
  readonly counts: ReadCounts;
  readonly queriesCount: number;
  readonly l1: Histogram;
  readonly l2: Histogram;
  readonly source: Histogram;
  readonly dashboard: Histogram;
  readonly cacheErrorsCount: number;
}

/** One record a minute of what this process counted, kept for eight days. */
export class History {
  readonly #options: HistoryOptions;
  /** Finished minutes of this process by minute, oldest first. */
  readonly #kept = new Map<number, MinuteRecord>();
  /** Minutes that Redis has not confirmed. */
  readonly #unsaved = new Set<number>();
  #marks: Marks;
  #minute: number;
  #cancel = () => {};
  #closed = false;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#marks = this.#takeMarks();
    this.#minute = this.#thisMinute();
  }

  /** Begins to record at the turn of every minute. */
  start(): void {
    if (this.#closed) return;
    const untilTurnMs = MINUTE_MS - (this.#options.clock.nowMs() % MINUTE_MS);
    this.#cancel = this.#options.clock.after(untilTurnMs, () => void this.#turn());
  }

  /** The minutes that begin in a range, the running one included as far as it has come. Bounded in time, never rejects. */
  async minutes(range: HistoryRange): Promise<HistoryAnswer> {
    const { reach, records } = await this.records(range);
    return { reach, minutes: sumMinutes(records) };
  }

  /** What they are summed from. Bounded in time, never rejects. */
  async records({ fromMs, toMs }: HistoryRange): Promise<HistoryRecords> {
    const nowMinute = this.#thisMinute();
    const from = Math.max(Math.ceil(fromMs / MINUTE_MS), nowMinute - KEPT_MINUTES_COUNT);
    const to = Math.min(Math.ceil(toMs / MINUTE_MS), nowMinute + 1);
    const own = [...this.#kept.values(), this.#running()].filter(
      ({ minute }) => minute >= from && minute < to,
    );
    if (!(from < to)) return { reach: this.#options.redis ? 'cluster' : 'process', records: [] };
    try {
      const others = await this.#options.redis?.read({ from, to, except: this.#options.statistics.id });
      return others ? { reach: 'cluster', records: [...own, ...others] } : { reach: 'process', records: own };
    } catch {
      return { reach: 'process', records: own };
    }
  }

  /** Ends the recording; the running minute is written as far as it has come. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel();
    this.#finishMinute();
    await this.#save();
  }

  async #turn(): Promise<void> {
    // A timer may fire a little early by the wall clock: the minute is finished only when it is over.
    if (this.#thisMinute() > this.#minute) this.#finishMinute();
    this.start();
    await this.#save();
  }

  /** A wall clock that is set back adds to the minute it was in: no minute is written over by another. */
  #finishMinute(): void {
    const record = this.#running();
    this.#kept.set(record.minute, record);
    this.#unsaved.add(record.minute);
    this.#marks = this.#takeMarks();
    this.#minute = Math.max(this.#minute + 1, this.#thisMinute());
    for (const minute of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MINUTES_COUNT && minute > this.#minute - KEPT_MINUTES_COUNT) break;
      this.#kept.delete(minute);
      this.#unsaved.delete(minute);
    }
  }

  async #save(): Promise<void> {
    const { redis, statistics, log } = this.#options;
    if (!redis) {
      this.#unsaved.clear();
      return;
    }
    try {
      // Redis may have come back empty: then everything this process knows is written again.
      const lastSaved = [...this.#kept.keys()].filter((minute) => !this.#unsaved.has(minute)).at(-1);
      if (lastSaved !== undefined && !(await redis.has(lastSaved, statistics.id)))
        for (const minute of this.#kept.keys()) this.#unsaved.add(minute);
      for (const minute of [...this.#unsaved].sort((a, b) => a - b)) {
        const record = this.#kept.get(minute);
        if (record) await redis.write(record, statistics.id);
        this.#unsaved.delete(minute);
      }
    } catch (error) {
      log.debug({ err: error }, 'Redis did not take the history of the last minute: it is written later');
    }
  }

  /** What was counted since the last finished minute. */
  #running(): MinuteRecord {
    const { statistics, redisBytes } = this.#options;
    const now = this.#takeMarks();
    const counters = now.counts.since(this.#marks.counts).counters();
    return {
      minute: this.#minute,
      requests: counters.total_requests,
      hits: counters.hits,
      misses: counters.misses,
      bypasses: counters.bypasses,
      errors: counters.errors,
      stale_hits: counters.stale_hits,
      source_queries: now.queriesCount - this.#marks.queriesCount,
      cache_errors: now.cacheErrorsCount - this.#marks.cacheErrorsCount,
      l1: now.l1.since(this.#marks.l1).encode(),
      l2: now.l2.since(this.#marks.l2).encode(),
      source: now.source.since(this.#marks.source).encode(),
      dashboard: now.dashboard.since(this.#marks.dashboard).encode(),
      l1_bytes: statistics.gauges.l1Bytes(),
      redis_bytes: redisBytes(),
    };
  }

  #takeMarks(): Marks {
    const { statistics } = this.#options;
    let queriesCount = 0;
    for (const source of statistics.sources.values()) queriesCount += source.queriesCount;
    return {
      counts: statistics.sum(),
      queriesCount,
      l1: statistics.latency.l1.copy(),
      l2: statistics.latency.l2.copy(),
      source: statistics.latency.source.copy(),
      dashboard: statistics.dashboardLoads.copy(),
      cacheErrorsCount: statistics.cacheErrorsCount,
    };
  }

  #thisMinute(): number {
    return Math.floor(this.#options.clock.nowMs() / MINUTE_MS);
  }
}
