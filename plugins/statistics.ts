import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import type { BudgetObserver } from '../services/budget/budget-queue.js';
import type { CacheObserver } from '../services/cache/observer.js';
import type { RefusalObserver } from '../services/sources/breaker-source.js';
import type { SourceObserver } from '../services/sources/source.js';
import { ClusterTotals } from '../services/statistics/cluster-totals.js';
import { Days } from '../services/statistics/days.js';
import { History, type HistoryRange } from '../services/statistics/history.js';
import { liveFigures } from '../services/statistics/live-figures.js';
import { periods } from '../services/statistics/periods.js';
import { PROMETHEUS_CONTENT_TYPE, Prometheus } from '../services/statistics/prometheus.js';
import type { ReadRecorder } from '../services/statistics/recorder.js';
import { RedisDays } from '../services/statistics/redis-days.js';
import type { HistoryBody, PeriodsBody, StatisticsBody } from '../services/statistics/report-schema.js';
import { silentStatistics } from '../services/statistics/silent-statistics.js';
import { type Gauges, type PanelName, Statistics } from '../services/statistics/statistics.js';
import { StatisticsReport } from '../services/statistics/statistics-report.js';
import { trustFigures } from '../services/statistics/trust-figures.js';
import type { WorkerLink } from '../services/workers/worker-link.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Where reads, cache and sources tell what they do; silent when CACHE_MONITORING is false. */
    observer: ReadRecorder & CacheObserver & SourceObserver & RefusalObserver & BudgetObserver;
    /** What is told of it. */
    reports: Reports;
  }
}

export interface Reports {
  statistics(): Promise<StatisticsBody>;
  history(range: HistoryRange): Promise<HistoryBody>;
  /** From a day on, counted since 1970; null: from the first that is known. */
  periods(sinceDay: number | null): Promise<PeriodsBody>;
  prometheus(): Promise<{ contentType: string; text: string }>;
}

export interface StatisticsPluginOptions {
  readonly config: Pick<
    Config,
    'cacheMonitoring' | 'logIntervalCount' | 'slowCacheThresholdMs' | 'redisPrefix'
  >;
  /** Null: this process alone serves its address. */
  readonly workers: WorkerLink | null;
}

/** What the service measures of itself, and how it is told. */
async function statistics(app: FastifyInstance, { config, workers }: StatisticsPluginOptions): Promise<void> {
  const counted = config.cacheMonitoring ? newStatistics(app, config) : null;
  app.decorate('observer', counted ?? silentStatistics);
  const prometheus = new Prometheus({
    statistics: counted,
    ledger: app.redisLedger,
    // Read when asked for: the cache is made later, because it tells its events here.
    figures: () => [...trustFigures(app.dashboardCache.trust()), ...liveFigures(app.live)],
    breakers: () => breakersOf(app),
    feeds: () => app.changes.figures(),
  });
  // A scrape reaches one of them by chance: it is told of all.
  workers?.figuresBy(async () => prometheus.text());
  const told = counted ? reportsOf(app, config, counted) : untold;
  app.decorate('reports', {
    ...told,
    prometheus: async () => ({
      contentType: PROMETHEUS_CONTENT_TYPE,
      text: await (workers ? workers.joined() : prometheus.text()),
    }),
  });
}

/** CACHE_MONITORING=false: the reports say that there is nothing to tell. */
const untold: Omit<Reports, 'prometheus'> = {
  statistics: async () => ({ enabled: false }),
  history: async () => ({ enabled: false }),
  periods: async () => ({ enabled: false }),
};

function reportsOf(
  app: FastifyInstance,
  config: StatisticsPluginOptions['config'],
  counted: Statistics,
): Omit<Reports, 'prometheus'> {
  const { clock, log, redisConnection, redisLedger, redisHistory } = app;
  const totals = new ClusterTotals({
    redis: redisConnection.client,
    prefix: config.redisPrefix,
    clock,
    log,
    snapshot: () => counted.snapshot(),
  });
  const history = new History({
    clock,
    log,
    statistics: counted,
    redisBytes: () => redisLedger?.usage()?.totalBytes ?? null,
    redis: redisHistory,
  });
  const { client } = redisConnection;
  const days = new Days({
    clock,
    log,
    history,
    redis: client && new RedisDays({ redis: client, prefix: config.redisPrefix, clock }),
  });
  let isStarted = false;
  app.addHook('onReady', async () => {
    isStarted = true;
    totals.start();
    history.start();
    days.start();
  });
  app.addHook('onClose', async () => {
    days.close();
    // A start that fails, over its definitions or those of another plugin of the host, has nothing to tell at its end.
    if (isStarted) await Promise.all([totals.close(), history.close()]);
  });
  const report = new StatisticsReport({
    statistics: counted,
    totals,
    ledger: redisLedger,
    budgetPerMinuteOf: (source) => app.definitions.current.sources.get(source)?.budgetPerMinuteCount ?? null,
  });
  return {
    statistics: () => report.body(),
    history: async (range) => {
      const { reach, minutes } = await history.minutes(range);
      return { enabled: true, reach, minutes: [...minutes] };
    },
    periods: async (sinceDay) => periods(await days.all(), { sinceDay, today: days.today }),
  };
}

function newStatistics(app: FastifyInstance, config: StatisticsPluginOptions['config']): Statistics {
  return new Statistics({
    clock: app.clock,
    log: app.log,
    logIntervalCount: config.logIntervalCount,
    slowOperationMs: config.slowCacheThresholdMs,
    gauges: gaugesOf(app),
    panels: () => panelNames(app),
  });
}

/** Read when asked for: the memory store is opened later, because it tells its evictions here. */
function gaugesOf(app: FastifyInstance): Gauges {
  return {
    l1Entries: () => app.memoryStore.entriesCount,
    l1Bytes: () => app.memoryStore.heldBytes,
    get l1MaxBytes() {
      return app.memoryStore.maxBytes;
    },
  };
}

/** Read when asked for: the sources are opened later. */
function breakersOf(app: FastifyInstance): ReadonlyMap<string, boolean> {
  const { breaker } = app.redisConnection;
  const sources = [...app.sources.all()].map(({ name, isOpen }) => [`source:${name}`, isOpen] as const);
  return new Map([...(breaker ? [['redis', breaker.isOpen] as const] : []), ...sources]);
}

/** The closed set of labels: what is declared now. */
function panelNames(app: FastifyInstance): PanelName[] {
  const dashboards = [...app.definitions.current.dashboards.values()];
  return dashboards.flatMap(({ panels }) =>
    [...panels.values()].map(({ dashboardId, id, title }) => ({ dashboardId, panelId: id, title })),
  );
}

export default fp(statistics, {
  name: 'statistics',
  fastify: '5.x',
  dependencies: ['clock', 'redis', 'redis-ledger'],
});
