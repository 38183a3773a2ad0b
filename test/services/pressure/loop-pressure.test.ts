import t from 'tap';
import { LoopPressure } from '../../../services/pressure/loop-pressure.js';
import { ManualClock } from '../../helpers/manual-clock.js';

function watched() {
  const clock = new ManualClock();
  const moves: boolean[] = [];
  let delayMs = 0;
  const pressure = new LoopPressure({
    clock,
    delayMs: () => delayMs,
    moved: (isHigh) => moves.push(isHigh),
  });
  /** The loop was so late in each of the next quarters of a second. */
  const late = (...delaysMs: number[]) => {
    for (const each of delaysMs) {
      delayMs = each;
      clock.advance(250);
    }
    return pressure.isHigh;
  };
  return { clock, pressure, moves, late };
}

t.test('given a process that has not begun to serve, how late it is says nothing', async (t) => {
  const { pressure, late } = watched();
  t.equal(late(500, 500, 500), false);
  pressure.start();
  t.equal(late(500, 500), true);
});

t.test(
  'given a loop that is late twice in a row, the pressure is high, until it has caught up',
  async (t) => {
    const { pressure, late, moves } = watched();
    pressure.start();
    t.equal(late(0, 101), false, 'once may be a pause of the collector');
    t.equal(late(101), true);
    t.equal(late(60, 30), true, 'less, but not yet caught up');
    t.equal(late(29), false);
    t.same(moves, [true, false]);
  },
);

t.test('given a loop that is late now and then, or only a little, nothing is said', async (t) => {
  const { pressure, late, moves } = watched();
  pressure.start();
  t.equal(late(500, 10, 500, 10, 100, 100, 100), false);
  t.same(moves, []);
});

t.test('given a loop that did not come round at all, it is late', async (t) => {
  const { pressure, late } = watched();
  pressure.start();
  t.equal(late(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), true);
});

t.test('given the end, nothing is left to do', async (t) => {
  const { clock, pressure } = watched();
  pressure.start();
  pressure.close();
  t.equal(clock.pendingTimers, 0);
});
