import { once } from 'node:events';
import t, { type Test } from 'tap';
import { SharedBudget } from '../../../services/budget/shared-budget.js';
import { cacheRedis } from '../../helpers/cache-redis.js';
import { startJumpingRedis } from '../../helpers/jumping-redis.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';

const BUDGET_COUNT = 60;
const PROCESSES_COUNT = 3;
const STEP_MS = 1000;

const redis = await startJumpingRedis(t);
const log = new RecordingLog();

async function processes(t: Test, sourceName: string, perMinuteCount: number) {
  const clock = new ManualClock();
  const client = await cacheRedis(t, redis.server.url);
  const budgets = Array.from(
    { length: PROCESSES_COUNT },
    () => new SharedBudget({ redis: client, prefix: 'dc:', clock, log, sourceName, perMinuteCount }),
  );
  t.teardown(() => {
    for (const budget of budgets) budget.close();
  });
  return { clock, client, budgets };
}

const readers = (count: number, tenant = ''): string[] => Array.from({ length: count }, () => tenant);
const granted = (urgent: readonly boolean[]): number => urgent.filter((isGranted) => isGranted).length;

/** Everybody takes what he can, every second of that many, and the counts of each second. */
async function storm(
  { clock, budgets }: Awaited<ReturnType<typeof processes>>,
  from: number,
  to: number,
): Promise<number[]> {
  const perSecond: number[] = [];
  for (let s = from; s < to; s++) {
    redis.jumpTo(s * STEP_MS);
    const wanted = { urgentTenants: readers(9), pacedCount: 9 };
    const grants = await Promise.all(budgets.map((one) => one.take(wanted)));
    perSecond.push(grants.reduce((sum, { urgent, pacedCount }) => sum + granted(urgent) + pacedCount, 0));
    clock.advance(STEP_MS);
  }
  return perSecond;
}

const busiestMinuteCount = (perSecond: readonly number[]): number =>
  Math.max(...perSecond.map((_, s) => perSecond.slice(s, s + 60).reduce((sum, count) => sum + count, 0)));

t.test(
  'given three processes on one Redis, no minute has more than the budget, and it is used',
  async (t) => {
    const all = await processes(t, 'storm', BUDGET_COUNT);
    const perSecond = await storm(all, 0, 200);
    t.equal(busiestMinuteCount(perSecond), BUDGET_COUNT);
    const apart = await Promise.all(
      Array.from({ length: PROCESSES_COUNT }, (_, i) => processes(t, `apart${i}`, BUDGET_COUNT)),
    );
    const alone = await storm(
      { ...all, budgets: apart.flatMap(({ budgets }) => budgets.slice(0, 1)) },
      200,
      210,
    );
    t.equal(
      busiestMinuteCount(alone),
      PROCESSES_COUNT * BUDGET_COUNT,
      'each for itself they would take as much each',
    );
  },
);

t.test(
  'given a Redis that has lost the account, the budget goes on as if it had been used evenly',
  async (t) => {
    const all = await processes(t, 'lost', 630);
    await storm(all, 300, 302);
    await all.client.flushall();
    const [first] = await storm(all, 302, 303);
    t.equal(first, 0);
    const later = await storm(all, 303, 363);
    t.ok(busiestMinuteCount(later) <= 630);
    // A step of the test may see two seconds begin.
    t.ok(Math.max(...later) <= 20, 'second by second');
  },
);

t.test(
  'given a clock of Redis that goes back, the budget is not spent until it is there again',
  async (t) => {
    const all = await processes(t, 'back', BUDGET_COUNT);
    await storm(all, 10_000, 10_010);
    const after = await storm(all, 500, 570);
    t.ok(busiestMinuteCount(after) <= BUDGET_COUNT);
    t.ok(after.some((count) => count > 0));
  },
);

t.test('given a Redis that does not answer, each goes on with its part of what is left', async (t) => {
  const all = await processes(t, 'away', BUDGET_COUNT);
  const before = await storm(all, 600, 601);
  for (const one of all.budgets) await one.take({ urgentTenants: [], pacedCount: 0 });
  all.client.disconnect();
  await once(all.client, 'end');
  const after = await storm(all, 601, 760);
  t.ok(
    after.some((count) => count > 0),
    'nobody stops',
  );
  t.ok(busiestMinuteCount([...before, ...after]) <= BUDGET_COUNT, 'and together they keep to it');
  await all.client.connect();
  // The beat asks whether Redis answers again.
  all.clock.advance(2000);
  await all.client.ping();
  const shared = await storm(all, 760, 830);
  t.ok(busiestMinuteCount([...after, ...shared]) <= BUDGET_COUNT, 'what they took meanwhile is told');
  const said = log.lines.filter(({ details }) => 'source' in details && details.source === 'away');
  t.same(said.map(({ level }) => level).sort(), [...Array(3).fill('info'), ...Array(3).fill('warn')]);
  t.match(said[0]?.message, /takes 1\/3 of it/);
});

t.test('given a process that never met Redis, it takes itself for one of four', async (t) => {
  const all = await processes(t, 'unmet', BUDGET_COUNT);
  all.client.disconnect();
  const [one] = all.budgets;
  const first = await one?.take({ urgentTenants: readers(100), pacedCount: 0 });
  t.equal(granted(first?.urgent ?? []), BUDGET_COUNT / 4);
});

t.test(
  'given a storm of one tenant over all processes, another tenant in any of them has his share',
  async (t) => {
    const { clock, budgets } = await processes(t, 'tenants', BUDGET_COUNT);
    let [stormy, calm, asked] = [0, 0, 0];
    // Before its first question nobody knows of it.
    await budgets[0]?.take({ urgentTenants: ['calm'], pacedCount: 0 });
    for (let s = 1000; s < 1200; s++) {
      redis.jumpTo(s * STEP_MS);
      for (const [i, one] of budgets.entries()) {
        stormy += granted((await one.take({ urgentTenants: readers(16, 'storm'), pacedCount: 0 })).urgent);
        if ((s + i) % 10 !== 0) continue;
        asked++;
        calm += granted((await one.take({ urgentTenants: ['calm'], pacedCount: 0 })).urgent);
      }
      clock.advance(STEP_MS);
    }
    t.equal(calm, asked, 'whenever it asks, a third of the budget at most');
    t.ok(stormy >= 2 * BUDGET_COUNT, `${stormy} for the storm`);
  },
);
