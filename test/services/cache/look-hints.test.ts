import t from 'tap';
import { LookHints } from '../../../services/cache/look-hints.js';
import { deferred, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

function hintsOn(clock: ManualClock, random = 0) {
  const looks: ReturnType<typeof deferred<void>>[] = [];
  const hints = new LookHints({
    clock,
    random: () => random,
    look: () => {
      const look = deferred<void>();
      looks.push(look);
      return look.promise;
    },
  });
  return { hints, looks };
}

t.test('a hint: one look, within a few milliseconds, not in every process at once', async (t) => {
  for (const [random, afterMs] of [
    [0, 0],
    [0.8, 4],
  ] as const) {
    const clock = new ManualClock();
    const { hints, looks } = hintsOn(clock, random);
    hints.hint();
    clock.advance(afterMs - 0.5);
    t.equal(looks.length, 0);
    clock.advance(0.5);
    t.equal(looks.length, 1);
    t.equal(clock.pendingTimers, 0);
  }
});

t.test('2,000 hints while a look is under way: one more look, when it has come back', async (t) => {
  const clock = new ManualClock();
  const { hints, looks } = hintsOn(clock);
  hints.hint();
  clock.advance(0);
  for (let i = 0; i < 2000; i++) hints.hint();
  clock.advance(1000);
  t.equal(looks.length, 1, 'one under way, one waiting');
  looks[0]?.resolve();
  await turns();
  clock.advance(1000);
  t.equal(looks.length, 2);
  looks[1]?.resolve();
  await turns();
  clock.advance(1000);
  t.equal(looks.length, 2);
});

t.test(
  '2,000 hints over a second, each look answered at once: some fifty looks, and one after the last',
  async (t) => {
    const clock = new ManualClock();
    const { hints, looks } = hintsOn(clock);
    for (let i = 0; i < 2000; i++) {
      hints.hint();
      clock.advance(0.5);
      for (const look of looks) look.resolve();
      await turns(1);
    }
    t.ok(looks.length <= 52, `${looks.length} looks`);
    const before = looks.length;
    hints.hint();
    clock.advance(25);
    t.equal(looks.length, before + 1);
  },
);

t.test('closed: what waits is forgotten, and nothing begins any more', async (t) => {
  const clock = new ManualClock();
  const { hints, looks } = hintsOn(clock);
  hints.hint();
  clock.advance(0);
  hints.hint();
  hints.close();
  looks[0]?.resolve();
  await turns();
  hints.hint();
  clock.advance(1000);
  t.equal(looks.length, 1);
  t.equal(clock.pendingTimers, 0);
});
