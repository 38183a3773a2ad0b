import type { LedgerUsage } from '../cache/ledger-usage.js';
import { CACHE_OPERATIONS, COUNTERS, READ_COUNTER_NAMES, READ_LAYERS, READ_OUTCOMES } from './counters.js';
import { Exposition, type Labels } from './exposition.js';
import type { FeedFigures } from './feed-figures.js';
import { processFigures } from './process-figures.js';
import type { ReadCounts } from './read-counts.js';
import type { ReadLayer, ReadOutcome } from './recorder.js';
import type { Statistics } from './statistics.js';

/** Content-Type of the text. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** A figure that another room wants scraped, e.g. the bounds of trust. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly value: number;
}

export interface PrometheusOptions {
  /** null when CACHE_MONITORING is false: then only the process and the given figures are told. */
  readonly statistics: Statistics | null;
  /** What our prefix takes in Redis, as of the last step; null without Redis. */
  readonly ledger: { usage(): LedgerUsage | null } | null;
  readonly figures?: () => readonly Figure[];
  /** The change feed of each source that declares one. */
  readonly feeds?: () => readonly FeedFigures[];
  /** Whether the breaker of each dependency is open: `redis`, `source:<name>`. */
  readonly breakers?: () => ReadonlyMap<string, boolean>;
}

/** This process' counters as text for Prometheus, made at the scrape from the hand-kept counts. */
export class Prometheus {
  readonly #options: PrometheusOptions;

  constructor(options: PrometheusOptions) {
    this.#options = options;
  }

  async text(): Promise<string> {
    const exposition = new Exposition();
    const { statistics, ledger, figures, breakers, feeds } = this.#options;
    if (statistics) {
      tellReads(exposition, statistics);
      tellDashboards(exposition, statistics);
      tellSources(exposition, statistics);
      tellCache(exposition, statistics);
      tellMemory(exposition, statistics);
    }
    if (feeds) tellFeeds(exposition, feeds());
    if (breakers) tellBreakers(exposition, breakers());
    const usage = ledger?.usage();
    if (usage) tellRedis(exposition, usage);
    for (const { name, help, type, value } of figures?.() ?? [])
      if (type === 'counter') exposition.counter(name, help, [[{}, value]]);
      else exposition.gauge(name, help, value);
    return exposition.text() + (await processFigures());
  }
}

/** The layers in which an outcome usually ends: these series exist from the start, so that their first increase is seen. */
function usualLayers(outcome: ReadOutcome): readonly ReadLayer[] {
  return outcome.endsWith('hit') ? ['l1', 'l2'] : ['source'];
}

function* readSamples(statistics: Statistics): Generator<[Labels, number]> {
  for (const { dashboardId, panelId, counts } of statistics.panels())
    for (const outcome of READ_OUTCOMES)
      for (const layer of READ_LAYERS)
        if (usualLayers(outcome).includes(layer) || counts.count(outcome, layer) > 0)
          yield readSample({ dashboardId, panelId, counts }, outcome, layer);
}

function readSample(
  panel: { dashboardId: string; panelId: string; counts: ReadCounts },
  outcome: ReadOutcome,
  layer: ReadLayer,
): [Labels, number] {
  const labels = { dashboard: panel.dashboardId, panel: panel.panelId, outcome, layer };
  return [labels, panel.counts.count(outcome, layer)];
}

function tellReads(exposition: Exposition, statistics: Statistics): void {
  const sums = READ_COUNTER_NAMES.map((name) => `${name} = ${COUNTERS.reads[name].outcomes.join(' + ')}`);
  exposition.counter(
    'dashcache_reads_total',
    `Panel reads by outcome; every read has one. ${sums.join('; ')}`,
    readSamples(statistics),
  );
  exposition.histogram(
    'dashcache_read_duration_seconds',
    'Time to answer a panel read, by the layer that answered',
    READ_LAYERS.map((layer) => [{ layer }, statistics.latency[layer]] as const),
  );
}

function tellDashboards(exposition: Exposition, statistics: Statistics): void {
  exposition.histogram(
    'dashcache_dashboard_load_duration_seconds',
    'Time to answer a whole dashboard, until its last panel was there',
    [[{}, statistics.dashboardLoads]],
  );
}

function tellSources(exposition: Exposition, statistics: Statistics): void {
  const sources = [...statistics.sources];
  exposition.counter(
    'dashcache_source_queries_total',
    COUNTERS.sources.queries.help,
    sources.map(([source, { queriesCount }]) => [{ source }, queriesCount] as const),
  );
  exposition.counter(
    'dashcache_source_query_failures_total',
    COUNTERS.sources.failures.help,
    sources.map(([source, { failuresCount }]) => [{ source }, failuresCount] as const),
  );
  exposition.counter(
    'dashcache_source_refusals_total',
    COUNTERS.sources.refusals.help,
    sources.map(([source, { refusalsCount }]) => [{ source }, refusalsCount] as const),
  );
  exposition.counter(
    'dashcache_source_budget_waits_total',
    COUNTERS.sources.budget_waits.help,
    sources.map(([source, { budgetWaitsCount }]) => [{ source }, budgetWaitsCount] as const),
  );
  exposition.counter(
    'dashcache_source_budget_refusals_total',
    COUNTERS.sources.budget_refusals.help,
    sources.map(([source, { budgetRefusalsCount }]) => [{ source }, budgetRefusalsCount] as const),
  );
  exposition.histogram(
    'dashcache_source_query_duration_seconds',
    'Time of the queries that really reached a source',
    sources.map(([source, { durations }]) => [{ source }, durations] as const),
  );
}

function tellCache(exposition: Exposition, statistics: Statistics): void {
  exposition.counter(
    'dashcache_cache_events_total',
    explained('What happened in the cache', COUNTERS.events),
    labelled('event', statistics.events),
  );
  exposition.counter(
    'dashcache_frames_rejected_total',
    explained('Frames in Redis that did not check out, each a miss', COUNTERS.frames),
    labelled('reason', statistics.frames),
  );
  exposition.counter(
    'dashcache_new_roots_total',
    explained('Roots of generations', COUNTERS.roots),
    labelled('cause', statistics.roots),
  );
  exposition.counter('dashcache_slow_operations_total', COUNTERS.slow.slow_operations.help, [
    [{}, statistics.slowOperationsCount],
  ]);
  exposition.histogram(
    'dashcache_cache_operation_duration_seconds',
    `Time of the cache's own operations, never of loads. ${Object.entries(CACHE_OPERATIONS)
      .map(([operation, help]) => `${operation}: ${help}`)
      .join('; ')}`,
    [...statistics.operations].map(([operation, histogram]) => [{ operation }, histogram] as const),
  );
}

function tellMemory(exposition: Exposition, { gauges }: Statistics): void {
  exposition.gauge('dashcache_l1_entries', 'Entries in memory', gauges.l1Entries());
  exposition.gauge('dashcache_l1_bytes', 'Bytes of entries in memory', gauges.l1Bytes());
  exposition.gauge('dashcache_l1_max_bytes', 'Bytes that memory may hold', gauges.l1MaxBytes);
}

function tellRedis(exposition: Exposition, usage: LedgerUsage): void {
  exposition.gauge('dashcache_redis_bytes', 'Bytes that our prefix takes in Redis', usage.totalBytes);
  exposition.gauge('dashcache_redis_entries', 'Entries in Redis', usage.entriesCount);
  exposition.gauge('dashcache_redis_max_bytes', 'Bytes that our prefix may take in Redis', usage.maxBytes);
}

function tellBreakers(exposition: Exposition, breakers: ReadonlyMap<string, boolean>): void {
  exposition.gauges(
    'dashcache_breaker_open',
    'Whether a dependency is asked once a second only, because it has not answered five times in a row',
    [...breakers].map(([dependency, isOpen]) => [{ dependency }, isOpen ? 1 : 0] as const),
  );
}

function tellFeeds(exposition: Exposition, feeds: readonly FeedFigures[]): void {
  if (feeds.length === 0) return;
  const samples = (figureOf: (feed: FeedFigures) => number) =>
    feeds.map((feed) => [{ source: feed.source }, figureOf(feed)] as const);
  exposition.counter(
    'dashcache_feed_changes_total',
    COUNTERS.feeds.changes.help,
    samples(({ changesCount }) => changesCount),
  );
  exposition.counter(
    'dashcache_feed_gaps_total',
    COUNTERS.feeds.gaps.help,
    samples(({ gapsCount }) => gapsCount),
  );
  exposition.gauges(
    'dashcache_feed_ok',
    'Whether the change feed of the source is heard',
    samples(({ isOk }) => (isOk ? 1 : 0)),
  );
  exposition.gauges(
    'dashcache_feed_incomplete_seconds',
    'Age of the instant up to which every change of the source has been told',
    samples(({ incompleteForMs }) => incompleteForMs / 1000),
  );
}

function labelled(label: string, counts: ReadonlyMap<string, number>): (readonly [Labels, number])[] {
  return [...counts].map(([text, count]) => [{ [label]: text }, count] as const);
}

function explained(text: string, counters: Readonly<Record<string, { readonly help: string }>>): string {
  const helps = Object.entries(counters).map(([name, { help }]) => `${name}: ${help}`);
  return `${text}. ${helps.join('; ')}`;
}
