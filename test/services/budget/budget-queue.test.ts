import t from 'tap';
import type { DashcacheError } from '../../../errors.js';
import type { BudgetLedger } from '../../../services/budget/budget-ledger.js';
import { BudgetQueue } from '../../../services/budget/budget-queue.js';
import { BudgetWindow } from '../../../services/budget/budget-window.js';
import { noTenant, tenantFromParameter } from '../../../services/definitions/tenant.js';
import type { QueryTurn } from '../../../services/sources/query-turn.js';
import { turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const STORM = tenantFromParameter('storm');
const CALM = tenantFromParameter('calm');

const never = new AbortController().signal;

/** A queue whose budget grows only as the test says. */
function queueOf() {
  const clock = new ManualClock();
  const free = { urgentCount: 0, pacedCount: 0 };
  const ledger: BudgetLedger = {
    async take({ urgentTenants, pacedCount }) {
      const urgent = urgentTenants.map(() => free.urgentCount-- > 0);
      free.urgentCount = Math.max(0, free.urgentCount);
      const paced = Math.min(pacedCount, free.pacedCount);
      free.pacedCount -= paced;
      return { urgent, pacedCount: paced, spentForMs: free.urgentCount > 0 ? 0 : 100, pacedInMs: 100 };
    },
    close: () => {},
  };
  const counts = { waits: 0, refusals: 0 };
  const observer = { budgetWaited: () => void counts.waits++, budgetRefused: () => void counts.refusals++ };
  const queue = new BudgetQueue({ sourceName: 'main', ledger, clock, observer });
  const admitted: string[] = [];
  const enter = (name: string, turn: Partial<QueryTurn> = {}, signal = never): Promise<unknown> =>
    queue.enter({ tenant: noTenant, urgency: 'read', maxWaitMs: 10_000, ...turn }, signal).then(
      () => void admitted.push(name),
      (error: DashcacheError) => error,
    );
  const grow = async (grown: Partial<typeof free>): Promise<void> => {
    Object.assign(free, grown);
    clock.advance(100);
    await turns();
  };
  return { clock, queue, counts, admitted, enter, grow };
}

t.test("given one tenant's storm, another tenant has every second place", async (t) => {
  const { admitted, enter, grow } = queueOf();
  for (let i = 0; i < 50; i++) void enter(`storm${i}`, { tenant: STORM });
  await turns();
  for (let i = 0; i < 3; i++) void enter(`calm${i}`, { tenant: CALM });
  await turns();
  await grow({ urgentCount: 6 });
  t.same(admitted, ['calm0', 'storm0', 'calm1', 'storm1', 'calm2', 'storm2']);
});

t.test('given a full queue, its greatest tenant makes room for another, and not for himself', async (t) => {
  const { queue, enter, counts } = queueOf();
  const storm = Array.from({ length: 1000 }, (_, i) => enter(`storm${i}`, { tenant: STORM }));
  await turns();
  t.match(await enter('one more', { tenant: STORM }), { code: 'source_overloaded' });
  void enter('calm', { tenant: CALM });
  t.match(await storm[999], { code: 'source_overloaded' }, 'the last one of the storm');
  t.equal(queue.waitingCount, 1000);
  t.equal(counts.refusals, 2);
});

t.test('given readers and refreshes, readers go first, then the last refreshes, then upkeep', async (t) => {
  const { admitted, enter, grow, counts } = queueOf();
  void enter('upkeep', { urgency: 'upkeep' });
  void enter('settling', { urgency: 'settling' });
  void enter('read');
  await turns();
  await grow({ urgentCount: 1 });
  await grow({ urgentCount: 1 });
  t.same(admitted, ['read', 'settling'], 'what is left for the urgent ones is not for upkeep');
  await grow({ pacedCount: 1 });
  t.same(admitted, ['read', 'settling', 'upkeep']);
  t.equal(counts.waits, 3, 'each once');
});

t.test('given a wait that is over, a query is sent away and told when to come back', async (t) => {
  const { clock, enter, counts } = queueOf();
  const reader = enter('read', { maxWaitMs: 500 });
  await turns();
  clock.advance(500);
  t.match(await reader, { code: 'source_overloaded', retryAfterSeconds: 1 });
  const controller = new AbortController();
  const left = enter('left', {}, controller.signal);
  controller.abort(new Error('the deadline'));
  t.match(await left, { code: 'source_overloaded' }, 'waiting for the budget says nothing of the source');
  t.equal(counts.refusals, 2);
});

t.test('given a place that was reserved and not needed, it is for another, within its second', async (t) => {
  const { clock, queue, admitted, enter, grow } = queueOf();
  await grow({ pacedCount: 2 });
  const turn: QueryTurn = { tenant: noTenant, urgency: 'upkeep', maxWaitMs: 250 };
  const [first, second] = await Promise.all([queue.reserve(turn), queue.reserve(turn)]);
  void enter('read');
  await turns();
  t.same(admitted, []);
  first?.giveBack();
  await turns();
  t.same(admitted, ['read']);
  t.equal(first?.use(), false, 'only once');
  clock.advance(1000);
  t.equal(second?.use(), false, 'it is over');
  const none = queue.reserve(turn);
  clock.advance(250);
  t.equal(await none, null);
});

t.test('given a budget over which tenants compete for an hour, each has its share', async (t) => {
  const clock = new ManualClock();
  const ledger = new BudgetWindow({ perMinuteCount: 60, clock });
  const observer = { budgetWaited: () => {}, budgetRefused: () => {} };
  const queue = new BudgetQueue({ sourceName: 'main', ledger, clock, observer });
  const counts: Record<string, number> = { storm: 0, calm: 0 };
  const ask = (tenant: string): void => {
    const turn = { tenant: tenantFromParameter(tenant), urgency: 'read', maxWaitMs: 60_000 } as const;
    queue.enter(turn, never).then(
      () => {
        counts[tenant] = (counts[tenant] ?? 0) + 1;
      },
      () => {},
    );
  };
  for (let s = 0; s < 600; s++) {
    for (let i = 0; i < 10; i++) ask('storm');
    if (s % 4 === 0) ask('calm');
    clock.advance(1000);
    await turns(2);
  }
  t.ok((counts['calm'] ?? 0) >= 140, `${counts['calm']} of the 150 that the calm one asked for`);
  // While both ask, something is kept for a third.
  t.ok((counts['storm'] ?? 0) >= 280, `${counts['storm']} for the other`);
});
