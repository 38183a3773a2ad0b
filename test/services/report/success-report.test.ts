import t from 'tap';
import type { Seen } from '../../../services/report/checklist.js';
import { rollOutChecklist } from '../../../services/report/roll-out-checklist.js';
import { successReport } from '../../../services/report/success-report.js';
import { SAMPLE_BASELINE, SAMPLE_PERIODS, samplePeriod, TARGETS } from './support/sample-report.js';

const REPORT = successReport({ targets: TARGETS, history: SAMPLE_PERIODS, baseline: SAMPLE_BASELINE });

t.test('the table: baseline, target and actual of each figure, from where it was measured', async (t) => {
  t.same(
    REPORT.table.map(({ name, baseline, target, actual, met }) => [name, baseline, target, actual, met]),
    [
      ['hit_rate', 0, 60, 82.5, true],
      ['load_time', 2500, 500, 612, false],
      ['source_queries', 1500, 400, 212.4, true],
      ['redis_memory', null, 100_000_000, 41_000_000, true],
    ],
  );
  t.same(REPORT.missed, ['load_time']);
  t.same(
    REPORT.periods.map(({ missed }) => missed),
    [['hit_rate'], [], ['load_time']],
  );
});

t.test(
  'given dashboards that were read whole, they are judged and not their panels, in the baseline too',
  async (t) => {
    const dashboard_load_time = { mean_ms: 200, p50_ms: 90, p95_ms: 480, p99_ms: 700 };
    const history = { ...SAMPLE_PERIODS, total: samplePeriod('total', { dashboard_load_time }), periods: [] };
    const whole = successReport({ targets: TARGETS, history, baseline: SAMPLE_BASELINE });
    t.match(whole.table[1], { name: 'load_time', actual: 480, met: true, of: 'dashboards' });
    t.equal(whole.table[1]?.baseline, null, 'panels of before say nothing of dashboards');
    t.match(whole.total, { loads_of: 'dashboards', mean_load_ms: 200, panel_load_p95_ms: 312 });
    const times = { mean_ms: 2600, p50_ms: 2500, p95_ms: 4100, p99_ms: 5000 };
    const baseline = { ...SAMPLE_BASELINE, dashboard_load_time: times };
    t.equal(successReport({ targets: TARGETS, history, baseline }).table[1]?.baseline, 4100);
    t.match(REPORT.table[1], { of: 'panels' });
  },
);

t.test('what was not measured is no target that was missed', async (t) => {
  const none = samplePeriod('total', {
    hit_rate: null,
    queries_per_minute: null,
    load_time: { mean_ms: null, p50_ms: null, p95_ms: null, p99_ms: null },
    redis_max_bytes: null,
  });
  const report = successReport({
    targets: TARGETS,
    history: { ...SAMPLE_PERIODS, total: none, periods: [] },
    baseline: null,
  });
  t.same(report.missed, []);
  for (const row of report.table) t.match(row, { baseline: null, actual: null, met: null });
});

t.test('exactly on its target it is met', async (t) => {
  const load_time = { mean_ms: 1, p50_ms: 1, p95_ms: 500, p99_ms: 1 };
  const total = samplePeriod('total', {
    hit_rate: 60,
    queries_per_minute: 400,
    load_time,
    redis_max_bytes: 100_000_000,
  });
  const report = successReport({ targets: TARGETS, history: { ...SAMPLE_PERIODS, total }, baseline: null });
  t.same(report.missed, []);
});

const SEEN: Seen = {
  report: REPORT,
  definitions: { dashboardsCount: 1, panelsCount: 14, faultsCount: 0, absentSources: [] },
  degraded: [],
  redis: { entries: 812, bytes: 41_000_000 },
  hits: 1485,
  requests: 2000,
  switchedOff: [],
  rehearsed: { switches: 2, flushes: 1 },
};

const states = (seen: Partial<Seen>) =>
  new Map(
    rollOutChecklist({ ...SEEN, ...seen })
      .flatMap(({ boxes }) => boxes)
      .map(({ line, state }) => [line, state]),
  );

t.test('the checklist of a good roll-out: all that a machine can see is ticked, with evidence', async (t) => {
  const boxes = rollOutChecklist(SEEN).flatMap((section) => section.boxes);
  const missed = boxes.filter(({ state }) => state === 'missed').map(({ line }) => line);
  t.same(missed, [
    '2026-11-16: Hit rate at least 60 %',
    '2026-11-17: no read failed',
    'Load time (p95) at most 500 ms',
  ]);
  t.same(
    boxes.filter(({ state }) => state === 'open'),
    [],
  );
  for (const { line, state, evidence } of boxes) t.equal(evidence === null, state === 'person', line);
  t.ok(boxes.length > 30);
});

t.test('each fault leaves its box open, and no other', async (t) => {
  const good = states({});
  const definitions = SEEN.definitions ?? {
    dashboardsCount: 0,
    panelsCount: 0,
    faultsCount: 0,
    absentSources: [],
  };
  const low = (hit_rate: number) =>
    successReport({
      targets: TARGETS,
      history: { ...SAMPLE_PERIODS, total: { ...SAMPLE_PERIODS.total, hit_rate } },
      baseline: SAMPLE_BASELINE,
    });
  const faults: readonly (readonly [seen: Partial<Seen>, lines: readonly string[]])[] = [
    [{ definitions: { ...definitions, faultsCount: 2 } }, ['Validation passes']],
    [{ definitions: { ...definitions, absentSources: ['main'] } }, ['Validation passes']],
    [{ definitions: null }, ['Validation passes']],
    [{ degraded: ['redis'] }, ['Redis answers', 'Nothing is degraded']],
    [{ redis: { entries: 0, bytes: 1 } }, ['Redis holds entries']],
    [{ redis: { entries: 5, bytes: 600_000_000 } }, ['Redis holds no more than 500 MB']],
    [{ hits: 0 }, ['A second read is a hit (cache_result)']],
    [{ requests: 0 }, ['A second read is a hit (cache_result)']],
    [{ switchedOff: ['operations/metrics'] }, ['The cache is on']],
    [{ switchedOff: null }, ['The cache is on']],
    [{ rehearsed: null }, ['Switching off was tried', 'Flushing was tried']],
    [{ rehearsed: { switches: 0, flushes: 1 } }, ['Switching off was tried']],
    [{ report: { ...REPORT, baseline: null } }, ['Baseline measured']],
    [{ report: low(39.9) }, ['Hit rate at least 60 %', 'The hit rate is not below 40 %']],
    [
      { report: low(0) },
      ['Hit rate at least 60 %', 'The hit rate is not 0 %', 'The hit rate is not below 40 %'],
    ],
  ];
  for (const [seen, lines] of faults) {
    const found = states(seen);
    const changed = [...found].filter(([line, state]) => state !== good.get(line)).map(([line]) => line);
    t.same(changed.sort(), [...lines].sort(), JSON.stringify(lines));
    for (const line of lines) t.not(found.get(line), 'done');
  }
  t.equal(states({ redis: null }).get('Redis answers'), 'missed');
});
