import { Value } from '@sinclair/typebox/value';
import { fastify } from 'fastify';
import t from 'tap';
import { READ_LAYERS, READ_OUTCOMES } from '../../../services/statistics/counters.js';
import type { ProcessSnapshot } from '../../../services/statistics/process-snapshot.js';
import { StatisticsBodySchema } from '../../../services/statistics/report-schema.js';
import { Statistics } from '../../../services/statistics/statistics.js';
import { StatisticsReport } from '../../../services/statistics/statistics-report.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const usage = {
  totalBytes: 4000,
  valuesBytes: 3000,
  ownBytes: 900,
  otherBytes: 100,
  entriesCount: 7,
  maxBytes: 90_000_000,
};

function newStatistics() {
  const clock = new ManualClock();
  const statistics = new Statistics({
    clock,
    log: new RecordingLog(),
    logIntervalCount: 1000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 3, l1Bytes: () => 300, l1MaxBytes: 1000 },
    panels: () => [
      { dashboardId: 'operations', panelId: 'metrics', title: 'Metrics' },
      { dashboardId: 'operations', panelId: 'summary', title: 'Summary' },
    ],
  });
  const read = (outcome: (typeof READ_OUTCOMES)[number], count: number, latencyMs = 1) => {
    for (let i = 0; i < count; i++)
      statistics.read('operations', 'metrics', {
        outcome,
        layer: outcome.endsWith('hit') ? 'l1' : 'source',
        latencyMs,
      });
  };
  return { clock, statistics, read };
}

function reportOf(statistics: Statistics, others: readonly ProcessSnapshot[] = [], ledger = true) {
  const own = { snapshot: statistics.snapshot(), ageMs: 0 };
  return new StatisticsReport({
    statistics,
    totals: {
      totals: async () => ({
        reach: 'cluster',
        processes: [own, ...others.map((snapshot) => ({ snapshot, ageMs: 1200 }))],
      }),
    },
    ledger: ledger ? { freshUsage: async () => usage } : null,
    budgetPerMinuteOf: (source) => (source === 'main' ? 240 : null),
  });
}

t.test('the example of the interface: 1500 hits and 500 misses', async (t) => {
  const { clock, statistics, read } = newStatistics();
  read('hit', 1400);
  read('stale_hit', 100);
  read('miss', 450, 200);
  read('collapsed', 50, 200);
  statistics.sourceQuery('main', 180, false);
  statistics.event('loads');
  clock.advance(90_000);
  const body = await reportOf(statistics).body();
  t.match(body, {
    enabled: true,
    reach: 'cluster',
    cache_stats: {
      hits: 1500,
      misses: 500,
      total_requests: 2000,
      hit_rate: 75.0,
      stale_hits: 100,
      error_hits: 0,
      unproven_hits: 0,
      collapsed: 50,
      bypasses: 0,
      errors: 0,
    },
    recommendation: 'Good hit rate',
    process: { id: statistics.id, uptime_seconds: 90, hits: 1500, events: { loads: 1 }, slow_operations: 0 },
    panels: [
      {
        dashboard: 'operations',
        panel: 'metrics',
        title: 'Metrics',
        total_requests: 2000,
        hit_rate: 75,
        recommendation: 'Good hit rate',
      },
      {
        dashboard: 'operations',
        panel: 'summary',
        title: 'Summary',
        total_requests: 0,
        hit_rate: 0,
        recommendation: 'No reads yet',
      },
    ],
    sources: [
      {
        name: 'main',
        queries: 1,
        failures: 0,
        refusals: 0,
        budget_waits: 0,
        budget_refusals: 0,
        queries_per_minute: 0,
        budget_per_minute: 240,
      },
    ],
    redis: { bytes: 4000, entries: 7, max_bytes: 90_000_000, target_bytes: 100_000_000 },
    memory: { entries: 3, bytes: 300, max_bytes: 1000 },
  });
  t.match(body.latency, { l1: { count: 1500, mean_ms: 1 }, l2: { count: 0, p50_ms: null, mean_ms: null } });
  t.ok(Math.abs((body.latency.source.p95_ms ?? 0) - 200) <= 10);
  t.ok(Math.abs((body.latency.load.p50_ms ?? 0) - 180) <= 9);
  t.same(
    body.targets.map(({ name, wanted, met }) => [name, wanted, met]),
    [
      ['hit_rate', 'at_least', true],
      ['load_time', 'at_most', true],
      ['source_queries', 'at_most', true],
      ['redis_memory', 'at_most', true],
    ],
  );
});

t.test(
  'several processes: sums over all, panels that only others know at the end, and they add up',
  async (t) => {
    const one = newStatistics();
    const two = newStatistics();
    one.read('hit', 2);
    two.read('miss', 3);
    const foreign: ProcessSnapshot = {
      ...newStatistics().statistics.snapshot(),
      panels: [['newer', 'metrics', READ_OUTCOMES.flatMap(() => READ_LAYERS.map(() => 1))]],
    };
    const body = await reportOf(one.statistics, [two.statistics.snapshot(), foreign]).body();
    t.equal(body.cache_stats.total_requests, 2 + 3 + 24);
    t.equal(body.process.total_requests, 2);
    t.same(
      body.panels.map(({ dashboard, total_requests }) => [dashboard, total_requests]),
      [
        ['operations', 5],
        ['operations', 0],
        ['newer', 24],
      ],
    );
    for (const name of ['hits', 'misses', 'errors', 'bypasses', 'total_requests'] as const) {
      const sum = (parts: readonly { readonly [key in typeof name]: number }[]) =>
        parts.reduce((total, part) => total + part[name], 0);
      t.equal(sum(body.panels), body.cache_stats[name], `${name} by panel`);
      t.equal(sum(body.processes), body.cache_stats[name], `${name} by process`);
    }
    t.same(
      body.processes.map(({ age_ms }) => age_ms),
      [0, 1200, 1200],
    );
  },
);

t.test(
  'before the first read, without Redis: zeros and nulls, no target met or missed without a measure',
  async (t) => {
    const { statistics } = newStatistics();
    const body = await reportOf(statistics, [], false).body();
    t.match(body, { recommendation: 'No reads yet', redis: null, cache_stats: { hit_rate: 0 } });
    t.same(
      body.targets.map(({ met }) => met),
      [null, null, true, null],
    );
  },
);

t.test('totals that do not name this process: it tells its own figures all the same', async (t) => {
  const { statistics, read } = newStatistics();
  read('hit', 1);
  const totals = { totals: async () => ({ reach: 'cluster' as const, processes: [] }) };
  const body = await new StatisticsReport({
    statistics,
    totals,
    ledger: null,
    budgetPerMinuteOf: () => null,
  }).body();
  t.equal(body.process.hits, 1);
});

t.test('the schema: takes the body, and sent through it nothing is missing', async (t) => {
  const { statistics, read } = newStatistics();
  read('hit', 1);
  statistics.sourceQuery('main', 1, false);
  const body = await reportOf(statistics).body();
  t.same([...Value.Errors(StatisticsBodySchema, body)], []);
  const app = fastify();
  const schema = { response: { 200: StatisticsBodySchema } };
  app.get('/on', { schema }, async () => body);
  app.get('/off', { schema }, async () => ({ enabled: false }));
  t.same((await app.inject('/on')).json(), JSON.parse(JSON.stringify(body)));
  t.same((await app.inject('/off')).json(), { enabled: false });
  await app.close();
});
