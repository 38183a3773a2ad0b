import { randomBytes } from 'node:crypto';
import type { BudgetObserver } from '../budget/budget-queue.js';
import type { CacheEvent, CacheObserver, CacheOperation, FrameFault, RootCause } from '../cache/observer.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { RefusalObserver } from '../sources/breaker-source.js';
import type { SourceObserver } from '../sources/source.js';
import { CACHE_EVENTS, CACHE_OPERATIONS, FRAME_FAULTS, ROOT_CAUSES } from './counters.js';
import { Histogram } from './histogram.js';
import { PerMinute } from './per-minute.js';
import type { ProcessSnapshot } from './process-snapshot.js';
import { hitRate, ReadCounts } from './read-counts.js';
import type { ReadLayer, ReadOutcome, ReadRecorder } from './recorder.js';
import { SlowWarnings } from './slow-warnings.js';

/** Reads of panels that are no longer declared count under this name; no panel can have it. */
export const REMOVED = '(removed)';

const LOW_HIT_RATE_PERCENT = 60;
/** Sources come from definitions; should names ever run wild, the rest shares one. */
const SOURCES_MAX_COUNT = 100;
const OTHER_SOURCES = '(others)';

export interface PanelName {
  readonly dashboardId: string;
  readonly panelId: string;
  readonly title: string;
}

/** What the statistics ask of memory at the moment they are read. */
export interface Gauges {
  l1Entries(): number;
  l1Bytes(): number;
  readonly l1MaxBytes: number;
}

export interface StatisticsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** One log line after so many panel reads. */
  readonly logIntervalCount: number;
  readonly slowOperationMs: number;
  readonly gauges: Gauges;
  /** The panels declared now: the closed set of labels. */
  readonly panels: () => readonly PanelName[];
}

interface SourceCounts {
  queriesCount: number;
  failuresCount: number;
  refusalsCount: number;
  budgetWaitsCount: number;
  budgetRefusalsCount: number;
  readonly perMinute: PerMinute;
  readonly durations: Histogram;
}

/** What this process measures of itself. Counting never throws and never waits. */
export class Statistics
  implements ReadRecorder, CacheObserver, SourceObserver, RefusalObserver, BudgetObserver
{
  /** Random at every start: counters of two lives of a process never mix. */
  readonly id = randomBytes(9).toString('base64url');
  readonly startedAtMs: number;
  readonly latency: Readonly<Record<ReadLayer, Histogram>> = {
    l1: new Histogram(),
    l2: new Histogram(),
    source: new Histogram(),
  };
  /** Whole dashboards. */
  readonly dashboardLoads = new Histogram();
  readonly operations = new Map<CacheOperation, Histogram>();
  readonly events = new Map<CacheEvent, number>(CACHE_EVENTS.map((event) => [event, 0]));
  readonly frames = new Map<FrameFault, number>(FRAME_FAULTS.map((fault) => [fault, 0]));
  readonly roots = new Map<RootCause, number>(ROOT_CAUSES.map((cause) => [cause, 0]));
  readonly sources = new Map<string, SourceCounts>();
  readonly #options: StatisticsOptions;
  readonly #slow: SlowWarnings;
  readonly #panels = new Map<string, Map<string, ReadCounts>>();
  readonly #removed = new ReadCounts();
  #readsCount = 0;

  constructor(options: StatisticsOptions) {
    this.#options = options;
    this.#slow = new SlowWarnings(options);
    this.startedAtMs = options.clock.nowMs();
    for (const operation of Object.keys(CACHE_OPERATIONS) as CacheOperation[])
      this.operations.set(operation, new Histogram());
  }

  get gauges(): Gauges {
    return this.#options.gauges;
  }

  get slowOperationsCount(): number {
    return this.#slow.slowCount;
  }

  /** What Redis or its answers failed at: reads, writes and questions, and frames that were none. */
  get cacheErrorsCount(): number {
    const { events, frames } = this;
    const failures = (events.get('l2_failures') ?? 0) + (events.get('look_failures') ?? 0);
    return [...frames.values()].reduce((sum, count) => sum + count, failures);
  }

  get uptimeMs(): number {
    return this.#options.clock.nowMs() - this.startedAtMs;
  }

  /** The panels declared now, with their titles. */
  declaredPanels(): readonly PanelName[] {
    return this.#options.panels();
  }

  read(
    dashboardId: string,
    panelId: string,
    { outcome, layer, latencyMs }: { outcome: ReadOutcome; layer: ReadLayer; latencyMs: number },
  ): void {
    const counts = this.#panels.get(dashboardId)?.get(panelId) ?? this.#newPanel(dashboardId, panelId);
    counts.add(outcome, layer);
    this.latency[layer].record(latencyMs);
    this.#readsCount++;
    if (this.#readsCount % this.#options.logIntervalCount === 0) this.#logLine();
  }

  dashboardLoad(latencyMs: number): void {
    this.dashboardLoads.record(latencyMs);
  }

  sourceQuery(source: string, durationMs: number, failed: boolean): void {
    const counts = this.sources.get(source) ?? this.#newSource(source);
    counts.queriesCount++;
    if (failed) counts.failuresCount++;
    counts.perMinute.add(this.#options.clock.monotonicMs());
    counts.durations.record(durationMs);
  }

  sourceRefused(source: string): void {
    const counts = this.sources.get(source) ?? this.#newSource(source);
    counts.refusalsCount++;
  }

  budgetWaited(source: string): void {
    const counts = this.sources.get(source) ?? this.#newSource(source);
    counts.budgetWaitsCount++;
  }

  budgetRefused(source: string): void {
    const counts = this.sources.get(source) ?? this.#newSource(source);
    counts.budgetRefusalsCount++;
  }

  operation(operation: CacheOperation, durationMs: number): void {
    this.operations.get(operation)?.record(durationMs);
    // A wait for other processes says nothing of how fast this one or its Redis is.
    if (operation !== 'acknowledge') this.#slow.note(operation, durationMs);
  }

  event(event: CacheEvent): void {
    this.events.set(event, (this.events.get(event) ?? 0) + 1);
  }

  frameRejected(fault: FrameFault): void {
    this.frames.set(fault, (this.frames.get(fault) ?? 0) + 1);
  }

  newRoot(cause: RootCause): void {
    this.roots.set(cause, (this.roots.get(cause) ?? 0) + 1);
  }

  invalidated(): void {
    // Counted where it is made, by its event.
  }

  switched(): void {
    // Likewise.
  }

  /** Counts by panel: the declared ones in their order, then those of panels that are gone, if they were read. */
  panels(): { dashboardId: string; panelId: string; counts: ReadCounts }[] {
    this.#foldRemoved();
    const rows = this.declaredPanels().map(({ dashboardId, panelId }) => ({
      dashboardId,
      panelId,
      counts: this.#panels.get(dashboardId)?.get(panelId) ?? new ReadCounts(),
    }));
    if (this.#removed.counters().total_requests > 0)
      rows.push({ dashboardId: REMOVED, panelId: REMOVED, counts: this.#removed });
    return rows;
  }

  /** All panels added up, those that are gone included. */
  sum(): ReadCounts {
    const sum = new ReadCounts().merge(this.#removed);
    for (const panels of this.#panels.values()) for (const counts of panels.values()) sum.merge(counts);
    return sum;
  }

  /** Durations of the queries of all sources. */
  loads(): Histogram {
    const loads = new Histogram();
    for (const { durations } of this.sources.values()) loads.merge(durations);
    return loads;
  }

  queriesPerMinute(source: string): number {
    return this.sources.get(source)?.perMinute.count(this.#options.clock.monotonicMs()) ?? 0;
  }

  snapshot(): ProcessSnapshot {
    const { gauges } = this.#options;
    return {
      version: 1,
      id: this.id,
      pid: process.pid,
      startedAtMs: this.startedAtMs,
      panels: this.panels()
        .map(({ dashboardId, panelId, counts }): ProcessSnapshot['panels'][number] => [
          dashboardId,
          panelId,
          counts.cells(),
        ])
        .filter(([, , cells]) => cells.some((count) => count > 0)),
      latency: {
        l1: this.latency.l1.encode(),
        l2: this.latency.l2.encode(),
        source: this.latency.source.encode(),
        load: this.loads().encode(),
        dashboard: this.dashboardLoads.encode(),
      },
      sources: [...this.sources].map(([name, counts]) => [
        name,
        counts.queriesCount,
        counts.failuresCount,
        this.queriesPerMinute(name),
        counts.refusalsCount,
        counts.budgetWaitsCount,
        counts.budgetRefusalsCount,
      ]),
      memory: { entries: gauges.l1Entries(), bytes: gauges.l1Bytes(), maxBytes: gauges.l1MaxBytes },
    };
  }

  #newPanel(dashboardId: string, panelId: string): ReadCounts {
    const isDeclared = this.declaredPanels().some(
      (panel) => panel.dashboardId === dashboardId && panel.panelId === panelId,
    );
    if (!isDeclared) return this.#removed;
    const counts = new ReadCounts();
    const panels = this.#panels.get(dashboardId) ?? new Map<string, ReadCounts>();
    this.#panels.set(dashboardId, panels.set(panelId, counts));
    return counts;
  }

  #newSource(name: string): SourceCounts {
    const key = this.sources.size < SOURCES_MAX_COUNT ? name : OTHER_SOURCES;
    const counts = this.sources.get(key) ?? {
      queriesCount: 0,
      failuresCount: 0,
      refusalsCount: 0,
      budgetWaitsCount: 0,
      budgetRefusalsCount: 0,
      perMinute: new PerMinute(),
      durations: new Histogram(),
    };
    this.sources.set(key, counts);
    return counts;
  }

  /** After a reload: what was read of panels that are gone stays in the sums, under one name. */
  #foldRemoved(): void {
    const declared = new Map<string, Set<string>>();
    for (const { dashboardId, panelId } of this.declaredPanels())
      declared.set(dashboardId, (declared.get(dashboardId) ?? new Set()).add(panelId));
    for (const [dashboardId, panels] of this.#panels)
      for (const [panelId, counts] of panels) {
        if (declared.get(dashboardId)?.has(panelId)) continue;
        this.#removed.merge(counts);
        panels.delete(panelId);
      }
  }

  #logLine(): void {
    const { log } = this.#options;
    const { total_requests: requests, hits, misses } = this.sum().counters();
    const rate = hitRate({ hits, misses });
    const fields = { requests, hits, misses, hit_rate: rate };
    log.info(
      fields,
      `Cache Statistics: requests=${requests} hits=${hits} misses=${misses} hit_rate=${rate.toFixed(2)}%`,
    );
    if (hits + misses > 0 && rate < LOW_HIT_RATE_PERCENT)
      log.warn(
        fields,
        `Low cache hit rate: ${rate.toFixed(2)}% of ${hits + misses} reads, less than the ${LOW_HIT_RATE_PERCENT}% aimed at. ` +
          'The statistics tell which panels miss: lengthen their ttl, or declare a coarser period for them',
      );
  }
}
