import fc from 'fast-check';
import t from 'tap';
import { silentObserver } from '../../../services/cache/observer.js';
import { READ_LAYERS, READ_OUTCOMES } from '../../../services/statistics/counters.js';
import { silentStatistics } from '../../../services/statistics/silent-statistics.js';
import { type PanelName, REMOVED, Statistics } from '../../../services/statistics/statistics.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const PANELS: readonly PanelName[] = [
  { dashboardId: 'operations', panelId: 'metrics', title: 'Metrics' },
  { dashboardId: 'operations', panelId: 'charts/tasks', title: 'Tasks' },
  { dashboardId: 'sales', panelId: 'metrics', title: 'Metrics' },
];

function setUp(options: { logIntervalCount?: number } = {}) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const declared = { panels: PANELS };
  const statistics = new Statistics({
    clock,
    log,
    logIntervalCount: options.logIntervalCount ?? 1000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 3, l1Bytes: () => 300, l1MaxBytes: 1000 },
    panels: () => declared.panels,
  });
  const read = (outcome: (typeof READ_OUTCOMES)[number], panel = PANELS[0]) =>
    statistics.read(panel?.dashboardId ?? '', panel?.panelId ?? '', {
      outcome,
      layer: outcome.endsWith('hit') ? 'l1' : 'source',
      latencyMs: 2,
    });
  return { clock, log, declared, statistics, read };
}

t.test('any reads of any panels and any reloads: panels add up to the sum, to the unit', async () => {
  const step = fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        panel: fc.integer({ min: 0, max: 3 }),
        outcome: fc.constantFrom(...READ_OUTCOMES),
        layer: fc.constantFrom(...READ_LAYERS),
      }),
    },
    { weight: 1, arbitrary: fc.record({ declared: fc.subarray([0, 1, 2]) }) },
    { weight: 1, arbitrary: fc.constant({ look: true }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { declared, statistics } = setUp({ logIntervalCount: 7 });
      let requests = 0;
      for (const one of steps) {
        if ('declared' in one)
          declared.panels = one.declared.map((i) => PANELS[i] ?? PANELS[0]) as PanelName[];
        else if ('look' in one) statistics.snapshot();
        else {
          const { dashboardId = 'gone', panelId = 'gone' } = PANELS[one.panel] ?? {};
          statistics.read(dashboardId, panelId, { ...one, latencyMs: 1 });
          requests++;
        }
      }
      const sum = statistics.sum().counters();
      const panels = statistics.panels().map(({ counts }) => counts.counters());
      const parts = sum.hits + sum.misses + sum.bypasses + sum.errors;
      const names = Object.keys(sum) as (keyof typeof sum)[];
      return (
        sum.total_requests === requests &&
        parts === requests &&
        names.every((name) => sum[name] === panels.reduce((total, panel) => total + panel[name], 0)) &&
        panels.length <= declared.panels.length + 1
      );
    }),
  );
});

t.test(
  'a panel that vanishes in a reload: stays in the sum, under one name, and begins anew when it returns',
  async (t) => {
    const { declared, statistics, read } = setUp();
    read('hit');
    read('miss', PANELS[2]);
    declared.panels = PANELS.slice(0, 2);
    t.same(
      statistics
        .panels()
        .map(({ dashboardId, panelId, counts }) => [dashboardId, panelId, counts.counters().total_requests]),
      [
        ['operations', 'metrics', 1],
        ['operations', 'charts/tasks', 0],
        [REMOVED, REMOVED, 1],
      ],
    );
    declared.panels = PANELS;
    read('hit', PANELS[2]);
    t.equal(statistics.sum().counters().total_requests, 3);
    t.same(
      statistics.panels().map(({ counts }) => counts.counters().total_requests),
      [1, 0, 1, 1],
    );
  },
);

t.test('every LOG_INTERVAL reads: one line that begins Cache Statistics', async (t) => {
  const { log, read } = setUp({ logIntervalCount: 4 });
  for (const outcome of ['hit', 'stale_hit', 'hit', 'miss', 'hit', 'error', 'bypass'] as const) read(outcome);
  t.same(log.lines, [
    {
      level: 'info',
      details: { requests: 4, hits: 3, misses: 1, hit_rate: 75 },
      message: 'Cache Statistics: requests=4 hits=3 misses=1 hit_rate=75.00%',
    },
  ]);
  read('miss');
  t.equal(log.lines.length, 2);
  t.match(log.lines[1]?.message, /requests=8 hits=4 misses=2 hit_rate=66\.67%/);
});

t.test('a hit rate below 60 %: a warning beside the line; bypasses alone give none', async (t) => {
  const low = setUp({ logIntervalCount: 2 });
  low.read('hit');
  low.read('miss');
  t.same(
    low.log.lines.map(({ level }) => level),
    ['info', 'warn'],
  );
  t.match(low.log.lines[1]?.message, /^Low cache hit rate: 50\.00%/);
  const bypassed = setUp({ logIntervalCount: 2 });
  bypassed.read('bypass');
  bypassed.read('bypass');
  t.same(
    bypassed.log.lines.map(({ level }) => level),
    ['info'],
  );
  const exactly = setUp({ logIntervalCount: 5 });
  for (const outcome of ['hit', 'hit', 'hit', 'miss', 'miss'] as const) exactly.read(outcome);
  t.equal(exactly.log.lines.length, 1, '60 % is not below');
});

t.test(
  'slow cache operations: at most one warning in 10 s for each kind, which says how many it kept quiet',
  async (t) => {
    const { clock, log, statistics } = setUp();
    statistics.operation('l2_read', 50);
    t.equal(log.lines.length, 0, 'the threshold itself is not slower');
    statistics.operation('acknowledge', 1050);
    t.equal(log.lines.length, 0, 'a wait for other processes is not slow');
    for (let i = 0; i < 5; i++) statistics.operation('l2_read', 60.04);
    statistics.operation('l2_write', 70);
    t.same(
      log.lines.map(({ details }) => details),
      [
        { operation: 'l2_read', duration_ms: 60, threshold_ms: 50, suppressed: 0 },
        { operation: 'l2_write', duration_ms: 70, threshold_ms: 50, suppressed: 0 },
      ],
    );
    clock.advance(9_999);
    statistics.operation('l2_read', 60);
    t.equal(log.lines.length, 2);
    clock.advance(1);
    statistics.operation('l2_read', 60);
    t.match(log.lines[2], { level: 'warn', details: { suppressed: 5 }, message: /5 more slow ones/ });
    t.equal(statistics.slowOperationsCount, 8);
    t.equal(statistics.operations.get('l2_read')?.count, 8);
  },
);

t.test('queries of sources: totals, failures, and a minute that slides', async (t) => {
  const { clock, statistics } = setUp();
  for (let i = 0; i < 10; i++) statistics.sourceQuery('main', 20, false);
  clock.advance(30_000);
  statistics.sourceQuery('main', 20, true);
  statistics.sourceQuery('files', 5, false);
  t.equal(statistics.queriesPerMinute('main'), 11);
  clock.advance(29_999);
  t.equal(statistics.queriesPerMinute('main'), 11);
  clock.advance(1);
  t.equal(statistics.queriesPerMinute('main'), 1);
  clock.advance(1_000_000);
  t.equal(statistics.queriesPerMinute('main'), 0);
  t.equal(statistics.queriesPerMinute('none'), 0);
  t.match(statistics.sources.get('main'), { queriesCount: 11, failuresCount: 1 });
  t.equal(statistics.loads().count, 12);
});

t.test('names of sources without end: bounded, and none is lost', async (t) => {
  const { statistics } = setUp();
  for (let i = 0; i < 300; i++) statistics.sourceQuery(`source${i}`, 1, false);
  t.ok(statistics.sources.size <= 101);
  t.equal(statistics.loads().count, 300);
});

t.test('what the cache tells: counted by name', async (t) => {
  const { statistics } = setUp();
  statistics.event('loads');
  statistics.event('loads');
  statistics.frameRejected('checksum');
  statistics.newRoot('lost');
  t.equal(statistics.events.get('loads'), 2);
  t.equal(statistics.events.get('gaps'), 0);
  t.equal(statistics.frames.get('checksum'), 1);
  t.equal(statistics.roots.get('lost'), 1);
});

t.test('the silent twin: answers to every call and counts nothing', async (t) => {
  silentStatistics.read('a', 'b', { outcome: 'hit', layer: 'l1', latencyMs: 1 });
  silentStatistics.sourceQuery('main', 1, false);
  t.equal(silentStatistics.operation, silentObserver.operation);
});
