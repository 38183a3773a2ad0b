import type { LedgerUsage } from '../cache/ledger-usage.js';
import type { ClusterTotals, ProcessFigures } from './cluster-totals.js';
import { Histogram } from './histogram.js';
import { latencyOf } from './minute-record.js';
import { LATENCY_NAMES, type SnapshotSum, sumSnapshots } from './process-snapshot.js';
import { hitRate, ReadCounts, recommendation } from './read-counts.js';
import type { EnabledStatisticsBody } from './report-schema.js';
import type { Statistics } from './statistics.js';

/** What the service is built to reach; the report says beside each whether it does. */
const HIT_RATE_TARGET_PERCENT = 60;
const LOAD_TIME_TARGET_MS = 500;
const QUERIES_TARGET_PER_MINUTE = 400;
const REDIS_TARGET_BYTES = 100_000_000;

export interface StatisticsReportOptions {
  readonly statistics: Statistics;
  readonly totals: Pick<ClusterTotals, 'totals'>;
  /** What our prefix takes in Redis; null without Redis. */
  readonly ledger: { freshUsage(): Promise<LedgerUsage | null> } | null;
  /** Queries that a source may be sent in a minute; null: as many as are needed. */
  readonly budgetPerMinuteOf: (source: string) => number | null;
}

/** The body of GET /reports/cache-statistics/. */
export class StatisticsReport {
  readonly #options: StatisticsReportOptions;

  constructor(options: StatisticsReportOptions) {
    this.#options = options;
  }

  /** Sums over all live processes, or over this one when Redis does not answer. Bounded in time, never rejects. */
  async body(): Promise<EnabledStatisticsBody> {
    const { statistics, totals, ledger, budgetPerMinuteOf } = this.#options;
    const [{ reach, processes }, usage] = await Promise.all([totals.totals(), ledger?.freshUsage() ?? null]);
    const sum = sumSnapshots(processes.map(({ snapshot }) => snapshot));
    const counters = sum.counts.counters();
    const rate = hitRate(counters);
    const { gauges } = statistics;
    return {
      enabled: true,
      reach,
      cache_stats: { ...counters, hit_rate: rate },
      recommendation: recommendation(rate, counters.hits + counters.misses),
      process: this.#process(processes),
      panels: this.#panels(sum),
      latency: latencies(sum),
      sources: sum.sources.map((source) => ({
        name: source.name,
        queries: source.queriesCount,
        failures: source.failuresCount,
        refusals: source.refusalsCount,
        budget_waits: source.budgetWaitsCount,
        budget_refusals: source.budgetRefusalsCount,
        queries_per_minute: source.perMinuteCount,
        budget_per_minute: budgetPerMinuteOf(source.name),
      })),
      redis: usage && redisBody(usage),
      memory: { entries: gauges.l1Entries(), bytes: gauges.l1Bytes(), max_bytes: gauges.l1MaxBytes },
      processes: processes.map(processBody),
      targets: targets(sum, usage),
    };
  }

  #process(processes: readonly ProcessFigures[]): EnabledStatisticsBody['process'] {
    const { statistics } = this.#options;
    const own = processes.find(({ snapshot }) => snapshot.id === statistics.id) ?? {
      snapshot: statistics.snapshot(),
      ageMs: 0,
    };
    return {
      ...processBody(own),
      uptime_seconds: Math.round(statistics.uptimeMs / 1000),
      events: Object.fromEntries(statistics.events),
      frames_rejected: Object.fromEntries(statistics.frames),
      new_roots: Object.fromEntries(statistics.roots),
      slow_operations: statistics.slowOperationsCount,
      resident_bytes: process.memoryUsage.rss(),
    };
  }

  /** The declared panels in their order, then those that only other processes know or that are gone: together the sum. */
  #panels(sum: SnapshotSum): EnabledStatisticsBody['panels'] {
    const keyOf = (panel: { dashboardId: string; panelId: string }) =>
      JSON.stringify([panel.dashboardId, panel.panelId]);
    const read = new Map(sum.panels.map((panel) => [keyOf(panel), panel.counts]));
    const bodies: EnabledStatisticsBody['panels'] = [];
    for (const panel of this.#options.statistics.declaredPanels()) {
      const counts = read.get(keyOf(panel)) ?? new ReadCounts();
      bodies.push(panelBody({ ...panel, counts }));
      read.delete(keyOf(panel));
    }
    for (const panel of sum.panels)
      if (read.has(keyOf(panel))) bodies.push(panelBody({ ...panel, title: null }));
    return bodies;
  }
}

function panelBody(panel: {
  dashboardId: string;
  panelId: string;
  title: string | null;
  counts: ReadCounts;
}): EnabledStatisticsBody['panels'][number] {
  const counters = panel.counts.counters();
  const rate = hitRate(counters);
  return {
    dashboard: panel.dashboardId,
    panel: panel.panelId,
    title: panel.title,
    ...counters,
    hit_rate: rate,
    recommendation: recommendation(rate, counters.hits + counters.misses),
  };
}

function processBody({ snapshot, ageMs }: ProcessFigures): EnabledStatisticsBody['processes'][number] {
  const sum = sumSnapshots([snapshot]);
  const counters = sum.counts.counters();
  return {
    id: snapshot.id,
    pid: snapshot.pid,
    started_at: new Date(snapshot.startedAtMs).toISOString(),
    age_ms: ageMs,
    ...counters,
    hit_rate: hitRate(counters),
    source_queries: sum.sources.reduce((queries, source) => queries + source.queriesCount, 0),
    memory_entries: snapshot.memory.entries,
    memory_bytes: snapshot.memory.bytes,
  };
}

function latencies(sum: SnapshotSum): EnabledStatisticsBody['latency'] {
  const bodies = LATENCY_NAMES.map((name) => {
    const histogram = sum.latency[name];
    const { count, sumMs } = histogram;
    const mean_ms = count === 0 ? null : Math.round((1000 * sumMs) / count) / 1000;
    return [name, { count, mean_ms, ...latencyOf(histogram) }];
  });
  return Object.fromEntries(bodies) as EnabledStatisticsBody['latency'];
}

function redisBody(usage: LedgerUsage): EnabledStatisticsBody['redis'] {
  return {
    bytes: usage.totalBytes,
    entries: usage.entriesCount,
    values_bytes: usage.valuesBytes,
    ledger_bytes: usage.ownBytes,
    other_bytes: usage.otherBytes,
    max_bytes: usage.maxBytes,
    target_bytes: REDIS_TARGET_BYTES,
  };
}

function targets(sum: SnapshotSum, usage: LedgerUsage | null): EnabledStatisticsBody['targets'] {
  const counters = sum.counts.counters();
  const hasRate = counters.hits + counters.misses > 0;
  const { l1, l2, source, dashboard } = sum.latency;
  // Who opens a dashboard waits for all of it; where nobody reads one whole, for the slowest panels.
  const loads = dashboard.count > 0 ? dashboard : new Histogram().merge(l1).merge(l2).merge(source);
  const perMinute = sum.sources.reduce((queries, source) => queries + source.perMinuteCount, 0);
  return [
    atLeast('hit_rate', 'percent', {
      target: HIT_RATE_TARGET_PERCENT,
      actual: hasRate ? hitRate(counters) : null,
    }),
    atMost('load_time', 'ms', { target: LOAD_TIME_TARGET_MS, actual: loads.percentileMs(95) }),
    atMost('source_queries', 'per_minute', { target: QUERIES_TARGET_PER_MINUTE, actual: perMinute }),
    atMost('redis_memory', 'bytes', { target: REDIS_TARGET_BYTES, actual: usage?.totalBytes ?? null }),
  ];
}

type Target = EnabledStatisticsBody['targets'][number];
type Figures = Pick<Target, 'target' | 'actual'>;

function atLeast(name: Target['name'], unit: Target['unit'], { target, actual }: Figures): Target {
  return { name, unit, wanted: 'at_least', target, actual, met: actual === null ? null : actual >= target };
}

function atMost(name: Target['name'], unit: Target['unit'], { target, actual }: Figures): Target {
  return { name, unit, wanted: 'at_most', target, actual, met: actual === null ? null : actual <= target };
}
