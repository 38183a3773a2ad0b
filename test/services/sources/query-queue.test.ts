import fc from 'fast-check';
import t from 'tap';
import { type Tenant, tenantFromParameter } from '../../../services/definitions/tenant.js';
import { QueryQueue } from '../../../services/sources/query-queue.js';
import type { Urgency } from '../../../services/sources/query-turn.js';
import { failure } from '../../contracts/source-contract.js';
import { ManualClock } from '../../helpers/manual-clock.js';

function queueFor(changed: { concurrencyCount?: number; maxWaitingCount?: number } = {}) {
  const clock = new ManualClock();
  const queue = new QueryQueue({
    concurrencyCount: 1,
    maxWaitingCount: 3,
    maxWaitMs: 10_000,
    clock,
    ...changed,
  });
  return { clock, queue };
}

const never = new AbortController().signal;

t.test('waiters are admitted in the order in which they came', async (t) => {
  const { queue } = queueFor();
  const release = await queue.enter(never);
  const order: number[] = [];
  const waiters = [1, 2, 3].map(async (number) => {
    const leave = await queue.enter(never);
    order.push(number);
    leave();
  });
  release();
  await Promise.all(waiters);
  t.same(order, [1, 2, 3]);
  t.same([queue.runningCount, queue.waitingCount], [0, 0]);
});

t.test('a place released while others wait: nobody who comes then overtakes', async (t) => {
  const { queue } = queueFor();
  const order: string[] = [];
  const release = await queue.enter(never);
  const first = queue.enter(never).then((leave) => {
    order.push('first');
    leave();
  });
  release();
  const late = queue.enter(never).then((leave) => {
    order.push('late');
    leave();
  });
  await Promise.all([first, late]);
  t.same(order, ['first', 'late']);
});

t.test('a full queue: the next is refused with an estimate of when to come back', async (t) => {
  const { clock, queue } = queueFor();
  const release = await queue.enter(never);
  const waiting = [1, 2, 3].map(() => queue.enter(never));
  const refused = await failure(queue.enter(never));
  t.equal(refused.code, 'source_overloaded');
  t.equal(refused.retryAfterSeconds, 1);
  clock.advance(80_000);
  release();
  t.same(
    (await Promise.allSettled(waiting)).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
    'older than the longest wait',
  );
  const again = await queue.enter(never);
  for (let index = 0; index < 3; index++) queue.enter(never).catch(() => {});
  t.equal((await failure(queue.enter(never))).retryAfterSeconds, 41, 'places are held for about 10 s');
  again();
});

t.test('a wait of the greatest age ends, and the younger ones go on waiting', async (t) => {
  const { clock, queue } = queueFor();
  const release = await queue.enter(never);
  const old = failure(queue.enter(never));
  clock.advance(9000);
  const young = queue.enter(never);
  clock.advance(1000);
  t.equal((await old).code, 'source_overloaded');
  t.equal(queue.waitingCount, 1);
  release();
  (await young)();
  t.equal(clock.pendingTimers, 0);
});

t.test('an aborted waiter leaves with the reason, and its place in the queue is free', async (t) => {
  const { clock, queue } = queueFor();
  const release = await queue.enter(never);
  const ending = new AbortController();
  const waiting = queue.enter(ending.signal);
  const reason = new Error('enough');
  ending.abort(reason);
  await t.rejects(waiting, reason);
  await t.rejects(queue.enter(ending.signal), reason);
  t.equal(queue.waitingCount, 0);
  t.equal(clock.pendingTimers, 0);
  release();
  release();
  t.equal(queue.runningCount, 0, 'releasing twice is once');
});

t.test('closing sends waiters away and admits nobody', async (t) => {
  const { queue } = queueFor();
  const release = await queue.enter(never);
  const waiting = queue.enter(never);
  const error = new Error('closed');
  queue.close(error);
  await t.rejects(waiting, error);
  await t.rejects(queue.enter(never), error);
  release();
  t.equal(queue.runningCount, 0);
});

t.test('whatever enters, aborts and leaves: never more than the limits, and nothing is left', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom('enter', 'leave', 'abort', 'age'), { maxLength: 60 }),
      async (concurrencyCount, steps) => {
        const { clock, queue } = queueFor({ concurrencyCount, maxWaitingCount: 5 });
        const held: (() => void)[] = [];
        const entering: AbortController[] = [];
        let mostHeldCount = 0;
        for (const step of steps) {
          if (step === 'enter') {
            const ending = new AbortController();
            entering.push(ending);
            queue.enter(ending.signal).then(
              (leave) => {
                held.push(leave);
                mostHeldCount = Math.max(mostHeldCount, held.length);
              },
              () => {},
            );
          } else if (step === 'leave') held.shift()?.();
          else if (step === 'abort') entering.shift()?.abort(new Error('aborted'));
          else clock.advance(4000);
          await new Promise(setImmediate);
          if (queue.waitingCount > 5 || held.length !== queue.runningCount) return false;
        }
        while (held.length > 0) {
          held.shift()?.();
          await new Promise(setImmediate);
        }
        return mostHeldCount <= concurrencyCount && queue.runningCount === 0 && clock.pendingTimers === 0;
      },
    ),
    { numRuns: 200 },
  );
  t.pass('held');
});

t.test('given several tenants, places that come free go round among them', async (t) => {
  const { queue } = queueFor({ maxWaitingCount: 100 });
  const release = await queue.enter(never, turnOf('7'));
  const order: string[] = [];
  const waiters = ['7', '7', '7', '7', '8', '9'].map(async (tenant) => {
    const leave = await queue.enter(never, turnOf(tenant));
    order.push(tenant);
    leave();
  });
  release();
  await Promise.all(waiters);
  t.same(order, ['8', '9', '7', '7', '7', '7']);
});

t.test('given a tenant with ever more queries, one place stays free while others ask too', async (t) => {
  const { queue } = queueFor({ concurrencyCount: 4, maxWaitingCount: 100 });
  (await queue.enter(never, turnOf('8')))();
  for (let i = 0; i < 10; i++) queue.enter(never, turnOf('7')).catch(() => {});
  await Promise.resolve();
  t.same([queue.runningCount, queue.waitingCount], [3, 7]);
  await queue.enter(never, turnOf('8'));
  t.equal(queue.runningCount, 4, 'he did not wait');
});

t.test('given nobody else for a minute, one tenant has all places', async (t) => {
  const { queue, clock } = queueFor({ concurrencyCount: 4, maxWaitingCount: 100 });
  (await queue.enter(never, turnOf('8')))();
  (await queue.enter(never, turnOf('7')))();
  clock.advance(60_000);
  for (let i = 0; i < 10; i++) queue.enter(never, turnOf('7')).catch(() => {});
  await Promise.resolve();
  t.equal(queue.runningCount, 4);
});

t.test('given a queue full of one tenant, another takes the last place in it', async (t) => {
  const { queue } = queueFor();
  const release = await queue.enter(never, turnOf('7'));
  const theirs = [1, 2, 3].map(() => queue.enter(never, turnOf('7')));
  const lost = failure(theirs[2] ?? Promise.resolve());
  const other = queue.enter(never, turnOf('8'));
  t.equal((await lost).code, 'source_overloaded');
  release();
  (await other)();
  for (const mine of theirs.slice(0, 2)) (await mine)();
  t.same([queue.runningCount, queue.waitingCount], [0, 0]);
});

t.test('given a warming that waits, who came later and is waited for goes before it', async (t) => {
  const { queue } = queueFor();
  const release = await queue.enter(never, turnOf('7'));
  const order: string[] = [];
  const enter = async (name: string, urgency: Urgency) => {
    const leave = await queue.enter(never, { turn: { ...turnOf('7').turn, urgency } });
    order.push(name);
    leave();
  };
  const waiters = [enter('warming', 'upkeep'), enter('settling', 'settling'), enter('reader', 'read')];
  release();
  await Promise.all(waiters);
  t.same(order, ['settling', 'reader', 'warming']);
});

function turnOf(tenant: string): { turn: { tenant: Tenant; urgency: Urgency } } {
  return { turn: { tenant: tenantFromParameter(tenant), urgency: 'read' } };
}
