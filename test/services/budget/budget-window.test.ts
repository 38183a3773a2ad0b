import t from 'tap';
import type { Wanted } from '../../../services/budget/budget-ledger.js';
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

const readers = (count: number): string[] => Array.from({ length: count }, () => '');
const all = { urgentTenants: readers(1000), pacedCount: 1000 };

/** What was granted of it. */
async function taken(window: BudgetWindow, wanted: Wanted) {
  const { urgent, ...granted } = await window.take(wanted);
  return { ...granted, urgentCount: urgent.filter((isGranted) => isGranted).length };
}

t.test('given any demand, no minute has more than the budget, and it is used', async (t) => {
  const random = new SeededRandom(testSeed());
  t.comment(replayOf(random.seed));
  for (const perMinuteCount of [1, 7, 400]) {
    const clock = new ManualClock();
    const window = new BudgetWindow({ perMinuteCount, clock });
    const grants: Grant[] = [];
    for (let i = 0; i < 600; i++) {
      const wanted = { urgentTenants: readers(random.between(0, 20)), pacedCount: random.between(0, 20) };
      const { urgentCount, pacedCount } = await taken(window, wanted);
      if (pacedCount > wanted.pacedCount) t.fail('more than was wanted');
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
    const { pacedCount } = await window.take({ urgentTenants: [], pacedCount: 1000 });
    grants.push({ atMs: clock.monotonicMs(), count: pacedCount });
    clock.advance(100);
  }
  t.equal(grants[0]?.count, 40, 'a tenth at once');
  t.ok(busiestMinuteCount(grants) <= 360);
  const late = grants.filter(({ atMs }) => atMs >= 120_000).map(({ count }) => count);
  t.ok(Math.max(...late) === 1, 'one by one');
  const { urgentCount } = await taken(window, all);
  t.ok(urgentCount >= 40, 'what they leave is there for readers who have nothing');
});

t.test('given a budget that is spent, it says when there is more, and there is', async (t) => {
  const clock = new ManualClock();
  const window = new BudgetWindow({ perMinuteCount: 10, clock });
  t.match(await taken(window, all), { urgentCount: 10, pacedCount: 0 });
  const { urgentCount, spentForMs } = await taken(window, all);
  t.equal(urgentCount, 0);
  clock.advance(spentForMs - 1);
  t.match(await taken(window, all), { urgentCount: 0 });
  clock.advance(1);
  t.match(await taken(window, all), { urgentCount: 10 });
});

t.test('given what was granted before, it counts until its minute is over', async (t) => {
  const clock = new ManualClock();
  const window = new BudgetWindow({ perMinuteCount: 10, clock, weight: 2, before: [0, 4] });
  t.match(await taken(window, all), { urgentCount: 3 }, 'each for two processes');
  clock.advance(63_000);
  t.match(await taken(window, all), { urgentCount: 5 });
});

t.test('given one tenant, all is his; given others, something is left to them', async (t) => {
  const clock = new ManualClock();
  const of = (tenant: string, count: number) => ({
    urgentTenants: Array.from({ length: count }, () => tenant),
    pacedCount: 0,
  });
  const alone = new BudgetWindow({ perMinuteCount: 120, clock });
  t.match(await taken(alone, of('storm', 200)), { urgentCount: 120 });
  const shared = new BudgetWindow({ perMinuteCount: 120, clock });
  t.match(await taken(shared, of('calm', 1)), { urgentCount: 1 });
  t.match(await taken(shared, of('storm', 200)), { urgentCount: 80, spentForMs: 0 }, 'it is not spent');
  t.match(
    await taken(shared, of('calm', 200)),
    { urgentCount: 39 },
    'an equal part of three is his by right',
  );
  clock.advance(63_000);
  t.match(await taken(shared, of('storm', 200)), { urgentCount: 96 }, 'nobody else asks: four fifths');
  t.match(await taken(shared, of('third', 20)), { urgentCount: 20 }, 'who comes late finds something');
  t.match(await taken(shared, of('storm', 1)), { urgentCount: 0 });
  clock.advance(3_600_000);
  t.match(await taken(shared, of('storm', 200)), { urgentCount: 120 }, 'the others are gone');
});

t.test('given two tenants who take all they can, they end with the same', async (t) => {
  const clock = new ManualClock();
  const window = new BudgetWindow({ perMinuteCount: 600, clock });
  const counts = { first: 0, second: 0 };
  for (let second = 0; second < 600; second++) {
    for (const tenant of ['first', 'second'] as const) {
      // The second comes a minute later, to a budget that the first has used.
      if (tenant === 'second' && second < 60) continue;
      const { urgent } = await window.take({
        urgentTenants: Array.from({ length: 20 }, () => tenant),
        pacedCount: 0,
      });
      if (second >= 300) counts[tenant] += urgent.filter((isGranted) => isGranted).length;
    }
    clock.advance(1000);
  }
  t.ok(Math.abs(counts.first / counts.second - 1) < 0.1, `${counts.first} and ${counts.second}`);
  t.ok(counts.first + counts.second >= 5 * 600 * 0.8, 'and most of it is used');
});
