import { spawnSync } from 'node:child_process';
import t from 'tap';
import { Exposition } from '../../../services/statistics/exposition.js';
import { Prometheus } from '../../../services/statistics/prometheus.js';
import { Statistics } from '../../../services/statistics/statistics.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const usage = {
  totalBytes: 4000,
  valuesBytes: 3000,
  ownBytes: 900,
  otherBytes: 100,
  entriesCount: 7,
  maxBytes: 100_000_000,
};

function setUp() {
  const panels = ['metrics', 'charts/tasks'].map((panelId) => ({
    dashboardId: 'operations',
    panelId,
    title: panelId,
  }));
  const statistics = new Statistics({
    clock: new ManualClock(),
    log: new RecordingLog(),
    logIntervalCount: 1000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 3, l1Bytes: () => 300, l1MaxBytes: 1000 },
    panels: () => panels,
  });
  const prometheus = new Prometheus({
    statistics,
    ledger: { usage: () => usage },
    figures: () => [
      { name: 'dashcache_trust_seconds', help: 'Bound of trust', type: 'gauge', value: 1 },
      { name: 'dashcache_switches_total', help: 'Switches', type: 'counter', value: 2 },
    ],
  });
  return { statistics, prometheus };
}

function sampleOf(text: string, name: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

t.test('after some reads: the samples are the counts, to the unit', async (t) => {
  const { statistics, prometheus } = setUp();
  const read = (outcome: 'hit' | 'miss' | 'collapsed', layer: 'l1' | 'l2' | 'source', latencyMs: number) =>
    statistics.read('operations', 'metrics', { outcome, layer, latencyMs });
  read('hit', 'l1', 0.125);
  read('hit', 'l1', 0.2);
  read('miss', 'source', 40);
  read('collapsed', 'l2', 3);
  statistics.sourceQuery('main', 32, false);
  statistics.sourceQuery('main', 64, true);
  statistics.event('loads');
  statistics.frameRejected('checksum');
  statistics.newRoot('first');
  statistics.operation('l2_read', 90);
  const text = await prometheus.text();
  const of = (panel: string, outcome: string, layer: string) =>
    sampleOf(
      text,
      `dashcache_reads_total{dashboard="operations",panel="${panel}",outcome="${outcome}",layer="${layer}"}`,
    );
  t.equal(of('metrics', 'hit', 'l1'), 2);
  t.equal(of('metrics', 'miss', 'source'), 1);
  t.equal(of('metrics', 'collapsed', 'l2'), 1);
  t.equal(of('metrics', 'stale_hit', 'l2'), 0, 'usual series exist from the start');
  t.equal(of('metrics', 'bypass', 'l1'), undefined, 'unusual ones only when they happened');
  t.equal(of('charts/tasks', 'hit', 'l1'), 0);
  t.equal(sampleOf(text, 'dashcache_read_duration_seconds_bucket{layer="l1",le="0.000125"}'), 1);
  t.equal(sampleOf(text, 'dashcache_read_duration_seconds_bucket{layer="l1",le="0.00025"}'), 2);
  t.equal(sampleOf(text, 'dashcache_read_duration_seconds_bucket{layer="l1",le="+Inf"}'), 2);
  t.equal(sampleOf(text, 'dashcache_read_duration_seconds_count{layer="source"}'), 1);
  t.equal(sampleOf(text, 'dashcache_read_duration_seconds_sum{layer="source"}'), 0.04);
  t.equal(sampleOf(text, 'dashcache_source_queries_total{source="main"}'), 2);
  t.equal(sampleOf(text, 'dashcache_source_query_failures_total{source="main"}'), 1);
  t.equal(sampleOf(text, 'dashcache_source_query_duration_seconds_bucket{source="main",le="0.032"}'), 1);
  t.equal(sampleOf(text, 'dashcache_cache_events_total{event="loads"}'), 1);
  t.equal(sampleOf(text, 'dashcache_frames_rejected_total{reason="checksum"}'), 1);
  t.equal(sampleOf(text, 'dashcache_new_roots_total{cause="first"}'), 1);
  t.equal(sampleOf(text, 'dashcache_slow_operations_total'), 1);
  t.equal(sampleOf(text, 'dashcache_l1_entries'), 3);
  t.equal(sampleOf(text, 'dashcache_l1_bytes'), 300);
  t.equal(sampleOf(text, 'dashcache_redis_bytes'), 4000);
  t.equal(sampleOf(text, 'dashcache_trust_seconds'), 1);
  t.equal(sampleOf(text, 'dashcache_switches_total'), 2);
  t.ok((sampleOf(text, 'process_resident_memory_bytes') ?? 0) > 1_000_000);
  t.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
});

t.test('the text: clean under promtool check metrics', async (t) => {
  const { statistics, prometheus } = setUp();
  statistics.read('operations', 'metrics', { outcome: 'hit', layer: 'l1', latencyMs: 1 });
  statistics.read('gone', 'gone', { outcome: 'hit', layer: 'l1', latencyMs: 1 });
  statistics.sourceQuery('main', 5, false);
  for (const text of [await prometheus.text(), await prometheus.text()]) {
    const { stdout, stderr, status, error } = spawnSync('promtool', ['check', 'metrics'], { input: text });
    t.equal(error, undefined, "promtool, of Debian's package prometheus, is in PATH");
    t.equal(`${stdout}${stderr}`, '');
    t.equal(status, 0);
  }
});

t.test('ids that are not declared: one label for all of them', async (t) => {
  const { statistics, prometheus } = setUp();
  for (let i = 0; i < 50; i++)
    statistics.read(`dashboard${i}`, 'metrics', { outcome: 'hit', layer: 'l1', latencyMs: 1 });
  const text = await prometheus.text();
  t.equal(new Set(text.match(/dashboard="[^"]*"/g)).size, 2);
  t.equal(
    sampleOf(text, 'dashcache_reads_total{dashboard="(removed)",panel="(removed)",outcome="hit",layer="l1"}'),
    50,
  );
});

t.test('without counting, ledger and figures: the process alone', async (t) => {
  const text = await new Prometheus({ statistics: null, ledger: null }).text();
  t.notMatch(text, /dashcache_/);
  t.match(text, /^process_start_time_seconds /m);
});

t.test('a ledger that knows nothing yet: no figure of Redis', async (t) => {
  const text = await new Prometheus({ statistics: null, ledger: { usage: () => null } }).text();
  t.notMatch(text, /dashcache_redis/);
});

t.test('text that needs escapes: escaped', async (t) => {
  const exposition = new Exposition();
  exposition.counter('a_total', 'one\ntwo \\ "three"', [[{ label: 'q"\\\n' }, 1]]);
  t.equal(
    exposition.text(),
    '# HELP a_total one\\ntwo \\\\ "three"\n# TYPE a_total counter\na_total{label="q\\"\\\\\\n"} 1\n',
  );
});
