import t from 'tap';
import { SimulatedClock } from '../../../services/simulate/simulated-clock.js';

function clockOf() {
  const calls: string[] = [];
  const clock = new SimulatedClock({ startMs: 1000, settle: async () => void calls.push('settled') });
  const note = (name: string) => () => void calls.push(`${name} at ${clock.nowMs()}`);
  return { calls, clock, note };
}

t.test('given timers, each is called at its instant, of equals the first first', async (t) => {
  const { calls, clock, note } = clockOf();
  clock.after(20, note('late'));
  clock.after(10, note('first'));
  clock.after(10, note('second'));
  clock.after(30, note('never'));
  const cancel = clock.after(15, note('cancelled'));
  cancel();
  cancel();
  await clock.goTo(1020);
  t.same(calls, ['first at 1010', 'settled', 'second at 1010', 'settled', 'late at 1020', 'settled']);
  t.equal(clock.monotonicMs(), 20);
});

t.test('given a timer that sets another, that is called in its turn', async (t) => {
  const { calls, clock, note } = clockOf();
  clock.after(10, () => clock.after(5, note('next')));
  clock.after(12, note('between'));
  await clock.goTo(2000);
  t.same(
    calls.filter((call) => call !== 'settled'),
    ['between at 1012', 'next at 1015'],
  );
  await clock.goTo(500);
  t.equal(clock.nowMs(), 2000, 'it never goes back');
});
