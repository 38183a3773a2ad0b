import t from 'tap';
import { Histogram } from '../../../services/statistics/histogram.js';
import {
  type MinuteRecord,
  restoreMinute,
  storeMinute,
  sumMinutes,
} from '../../../services/statistics/minute-record.js';

function durations(...ms: readonly number[]): string {
  const histogram = new Histogram();
  for (const each of ms) histogram.record(each);
  return histogram.encode();
}

const RECORD: MinuteRecord = {
  minute: 7,
  requests: 9,
  hits: 5,
  misses: 3,
  bypasses: 0,
  errors: 1,
  stale_hits: 2,
  source_queries: 4,
  cache_errors: 6,
  l1: durations(1),
  l2: durations(),
  source: durations(100, 200),
  dashboard: durations(250),
  l1_bytes: 1000,
  redis_bytes: 2000,
};

t.test('a record that was stored is the same when it is read again', async (t) => {
  t.same(restoreMinute(7, storeMinute(RECORD)), RECORD);
});

t.test(
  'a record of a version that timed no dashboards and counted no cache errors is read all the same',
  async (t) => {
    const [counted, ...rest] = JSON.parse(storeMinute(RECORD));
    const before = JSON.stringify([counted.slice(0, 7), ...rest.slice(0, 5)]);
    t.same(restoreMinute(7, before), { ...RECORD, cache_errors: 0, dashboard: '' });
    const [sum] = sumMinutes([RECORD, { ...RECORD, cache_errors: 0, dashboard: '' }]);
    t.equal(sum?.cache_errors, 6);
    t.ok(Math.abs((sum?.latency.dashboard.p50_ms ?? 0) - 250) < 10);
  },
);

t.test('what is no record is none', async (t) => {
  for (const text of ['', '[]', '[[1],"","","",1,2]', 'null', storeMinute(RECORD).replace('[[9', '[["9"')])
    t.equal(restoreMinute(7, text), null, text);
});
