import t from 'tap';
import type { Entry } from '../../../services/cache/entry.js';
import type { Judge } from '../../../services/cache/judge.js';
import type { Usability } from '../../../services/cache/policy.js';
import type { CacheRequest } from '../../../services/cache/request.js';
import { Watches } from '../../../services/cache/watches.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const REQUEST = { key: { hash: 'key' } } as CacheRequest;

function entry(etag: string, storedAtMs = 0): Entry {
  return { keyHash: 'key', etag, storedAtMs } as Entry;
}

function room() {
  const clock = new ManualClock();
  const state = { use: 'fresh' as Usability, judgedCount: 0 };
  const judge = {
    of: () => {
      state.judgedCount++;
      return { use: state.use };
    },
  } as unknown as Judge;
  const told: (Entry | null)[] = [];
  const watches = new Watches({ judge, clock });
  return { clock, state, told, watches, listener: (landed: Entry | null) => told.push(landed) };
}

t.test('what lands is told, unless it was seen already', (t) => {
  const { watches, told, listener } = room();
  const watch = watches.watch(REQUEST, listener);
  const a = entry('a');
  watches.landed(a);
  t.same(told, [a]);
  watch.saw(a);
  watches.landed(entry('a'));
  t.equal(told.length, 1);
  watches.landed(entry('a', 1));
  watches.landed({ ...entry('b'), keyHash: 'other' });
  t.equal(told.length, 2, 'a renewal is told, another key is not');
  watch.end();
  watches.landed(entry('c'));
  t.equal(told.length, 2);
  t.end();
});

t.test('a change is told once for each step that it takes what was seen down', (t) => {
  const { watches, told, listener, clock, state } = room();
  watches.changed();
  t.equal(clock.pendingTimers, 0, 'nobody watches');
  const watch = watches.watch(REQUEST, listener);
  watch.saw(entry('a'));
  const change = () => {
    watches.changed();
    watches.changed();
    clock.advance(20);
  };
  change();
  t.same(told, [], 'it is fresh');
  t.equal(state.judgedCount, 1, 'news that come together are looked at together');
  state.use = 'stale';
  change();
  watch.saw(entry('a'));
  change();
  t.same(told, [null]);
  state.use = 'unusable';
  change();
  t.same(told, [null, null]);
  watch.saw(entry('b', 5));
  change();
  t.equal(told.length, 3, 'what was seen anew is judged anew');
  watches.changed();
  watches.end();
  clock.advance(20);
  t.equal(told.length, 3);
  t.end();
});
