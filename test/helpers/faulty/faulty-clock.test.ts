import t from 'tap';
import { ManualClock } from '../manual-clock.js';
import { FaultyClock } from './faulty-clock.js';

function clocks(): { real: ManualClock; clock: FaultyClock } {
  const real = new ManualClock(1_000_000);
  return { real, clock: new FaultyClock(real) };
}

t.test('a jump moves the wall clock alone, and timers come when they would', (t) => {
  const { real, clock } = clocks();
  let cameAtMs = -1;
  clock.after(100, () => {
    cameAtMs = clock.monotonicMs();
  });
  clock.jumpWall(-60_000);
  t.same([clock.nowMs(), clock.monotonicMs()], [940_000, 0]);
  real.advance(100);
  t.equal(cameAtMs, 100);
  t.equal(clock.nowMs(), 940_100);
  t.end();
});

t.test('while it is frozen nothing moves; a suspended process finds that time has gone on', (t) => {
  const { real, clock } = clocks();
  const came: string[] = [];
  clock.after(100, () => came.push(`at ${clock.monotonicMs()}`));
  clock.after(200, () => came.push('never'))();
  const cancel = clock.after(300, () => came.push('never'));
  clock.freeze();
  real.advance(5000);
  t.same([clock.nowMs(), clock.monotonicMs(), came], [1_000_000, 0, []]);
  cancel();
  clock.thaw('process suspended');
  t.same(came, ['at 5000']);
  t.same([clock.nowMs(), clock.monotonicMs()], [1_005_000, 5000]);
  t.end();
});

t.test('a suspended host finds its monotonic clock where it was', (t) => {
  const { real, clock } = clocks();
  real.advance(10);
  clock.freeze();
  real.advance(5000);
  clock.thaw('host suspended');
  t.same([clock.nowMs(), clock.monotonicMs()], [1_005_010, 10]);
  real.advance(1);
  t.equal(clock.monotonicMs(), 11);
  clock.freeze();
  clock.thaw('process suspended');
  clock.thaw('host suspended');
  t.equal(clock.monotonicMs(), 11);
  t.end();
});
