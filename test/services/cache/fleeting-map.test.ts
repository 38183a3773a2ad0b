import t from 'tap';
import { FleetingMap } from '../../../services/cache/fleeting-map.js';
import { collectGarbage } from '../../helpers/collect-garbage.js';

interface Places<Value> {
  set(key: string, value: Value): unknown;
  delete(key: string): unknown;
}

const VALUES_COUNT = 4000;
const KEPT_COUNT = 10;
const COLLECT_EVERY_COUNT = 100;
const VALUE_BYTES = 20_000;

/** The most values that were in memory at once, while so many come and go and the young generation is collected after every hundred. */
function mostAlive(map: Places<Buffer>): number {
  collectGarbage();
  const beforeBytes = process.memoryUsage().arrayBuffers;
  let mostBytes = 0;
  for (let i = 1; i <= VALUES_COUNT; i++) {
    map.set(`key-${i}`, Buffer.allocUnsafeSlow(VALUE_BYTES));
    map.delete(`key-${i - KEPT_COUNT}`);
    if (i % COLLECT_EVERY_COUNT > 0) continue;
    collectGarbage({ onlyYoung: true });
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - beforeBytes);
  }
  return mostBytes / VALUE_BYTES;
}

t.test(
  'given a place that is set, set again and deleted, it has what was set last, and then nothing',
  (t) => {
    const map = new FleetingMap<{ is: number }>();
    const [first, second] = [{ is: 1 }, { is: 2 }];
    t.equal(map.get('k'), undefined);
    map.delete('k');
    map.set('k', first);
    map.set('k', second);
    t.equal(map.get('k'), second);
    t.ok(map.has('k'));
    t.equal(map.size, 1);
    map.delete('k');
    t.equal(map.get('k'), undefined);
    t.notOk(map.has('k'));
    t.equal(map.size, 0);
    map.set('k', first);
    t.equal(map.get('k'), first);
    t.end();
  },
);

t.test('given values that come and go, collections of the young generation free those that went', (t) => {
  const most = mostAlive(new FleetingMap<Buffer>());
  t.ok(most < 3 * COLLECT_EVERY_COUNT, `at most ${most} of ${VALUES_COUNT} were in memory`);
  t.end();
});

t.test('negative control: a Map goes on to hold far more of those that went', (t) => {
  const most = mostAlive(new Map<string, Buffer>());
  t.ok(most > 3 * COLLECT_EVERY_COUNT, `at most ${most} of ${VALUES_COUNT} were in memory`);
  t.end();
});
