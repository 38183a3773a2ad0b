import t from 'tap';
import { BudgetWindow } from '../../../services/budget/budget-window.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { replayOf, SeededRandom, testSeed } from '../../helpers/seeded-random.js';

interface Grant {
  readonly atMs: number;
  readonly count: number;
}

function busiestMinuteCount(grants: readonly Grant[]): number {
  const within = (fromMs: number) =>
    grants
      .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 60_000)
      .reduce((sum, { count }) => sum + count, 0);
  return Math.max(...grants.map(({ atMs }) => within(atMs)));
}

const all = { urgentCount: 1000, pacedCount: 1000 };

t.test('given any demand, no minute has more than the budget, and it is used', async (t) => {
  const random = new SeededRandom(testSeed());
  t.comment(replayOf(random.seed));
  for (const perMinuteCount of [1, 7, 400]) {
    const clock = new ManualClock();
    const window = new BudgetWindow({ perMinuteCount, clock });
    const grants: Grant[] = [];
    for (let i = 0; i < 600; i++) {
      const wanted = { urgentCount: random.between(0, 20), pacedCount: random.between(0, 20) };
      const { urgentCount, pacedCount } = await window.take(wanted);
      if (urgentCount > wanted.urgentCount || pacedCount > wanted.pacedCount) t.fail('more than was wanted');
      grants.push({ atMs: clock.monotonicMs(), count: urgentCount + pacedCount });
      clock.advance(random.between(0, 900));
    }
    t.equal(busiestMinuteCount(grants), perMinuteCount);
  }
});

t.test('given what can wait alone, it is spread over the minute and leaves a tenth', async (t) => {
  const clock = new ManualClock();
  const window = new BudgetWindow({ perMinuteCount: 400, clock });
  const grants: Grant[] = [];
  for (let i = 0; i < 1800; i++) {
    const { pacedCount } = await window.take({ urgentCount: 0, pacedCount: 1000 });
    grants.push({ atMs: clock.monotonicMs(), count: pacedCount });
    clock.advance(100);
  }
  t.equal(grants[0]?.count, 40, 'a tenth at once');
  t.ok(busiestMinuteCount(grants) <= 360);
  const late = grants.filter(({ atMs }) => atMs >= 120_000).map(({ count }) => count);
  t.ok(Math.max(...late) === 1, 'one by one');
  const { urgentCount } = await window.take(all);
  t.ok(urgentCount >= 40, 'what they leave is there for readers who have nothing');
});

t.test('given a budget that is spent, it says when there is more, and there is', async (t) => {
  const clock = new ManualClock();
  const window = new BudgetWindow({ perMinuteCount: 10, clock });
  t.match(await window.take(all), { urgentCount: 10, pacedCount: 0 });
  const { urgentCount, urgentInMs } = await window.take(all);
  t.equal(urgentCount, 0);
  clock.advance(urgentInMs - 1);
  t.match(await window.take(all), { urgentCount: 0 });
  clock.advance(1);
  t.match(await window.take(all), { urgentCount: 10 });
});

t.test('given what was granted before, it counts until its minute is over', async (t) => {
  const clock = new ManualClock();
  const window = new BudgetWindow({ perMinuteCount: 10, clock, weight: 2, before: [0, 4] });
  t.match(await window.take(all), { urgentCount: 3 }, 'each for two processes');
  clock.advance(63_000);
  t.match(await window.take(all), { urgentCount: 5 });
});
