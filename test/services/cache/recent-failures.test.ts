import t from 'tap';
import { RecentFailures } from '../../../services/cache/recent-failures.js';
import { ManualClock } from '../../helpers/manual-clock.js';

t.test('given a failure, it is shared for one second and no longer', async (t) => {
  const clock = new ManualClock();
  const failures = new RecentFailures(clock);
  const error = new Error('down');
  failures.note('k', error);
  t.equal(failures.get('k')?.error, error);
  t.equal(failures.get('other'), undefined);
  clock.advance(999);
  t.equal(failures.get('k')?.error, error);
  clock.advance(1);
  t.equal(failures.get('k'), undefined);
});

t.test('given a failure whose error is undefined, it is still a failure', async (t) => {
  const failures = new RecentFailures(new ManualClock());
  failures.note('k', undefined);
  t.ok(failures.get('k'));
});

t.test('given a second failure, the second counts from its own instant', async (t) => {
  const clock = new ManualClock();
  const failures = new RecentFailures(clock);
  failures.note('k', 'first');
  clock.advance(600);
  failures.note('k', 'second');
  clock.advance(600);
  t.equal(failures.get('k')?.error, 'second');
});

t.test('given a success, the failure before it is forgotten', async (t) => {
  const failures = new RecentFailures(new ManualClock());
  failures.note('k', 'down');
  failures.forget('k');
  t.equal(failures.get('k'), undefined);
});

t.test('given more failing keys than are kept, the oldest go first', async (t) => {
  const failures = new RecentFailures(new ManualClock());
  for (let i = 0; i <= 2_000; i++) failures.note(`k${i}`, i);
  t.equal(failures.get('k0'), undefined);
  t.equal(failures.get('k1')?.error, 1);
  t.equal(failures.get('k2000')?.error, 2_000);
});
