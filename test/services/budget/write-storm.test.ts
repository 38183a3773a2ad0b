import t from 'tap';
import { turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { type StormOptions, WriteStorm } from '../../helpers/write-storm.js';

const STEP_MS = 25;
const BUDGET_COUNT = 400;
const CONTRACT_MS = 10_000;

/** The storm of `npm run bench:write-storm` without its servers: panels that change all the time, and viewers who would ask more often than the budget allows. */
const STORM = {
  panelsCount: 40,
  viewersCount: 200,
  everyMs: 8000,
  writesPerSecondCount: 5000,
  maxStalenessMs: CONTRACT_MS,
  budgetPerMinuteCount: BUDGET_COUNT,
  queryMs: 20,
};

async function storm(
  changed: Partial<StormOptions> = {},
): Promise<{ storm: WriteStorm; run: (ms: number) => Promise<void> }> {
  const clock = new ManualClock();
  const storm = new WriteStorm({ clock, ...STORM, ...changed });
  const run = async (ms: number): Promise<void> => {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
      storm.tick();
      await turns(3);
      clock.advance(STEP_MS);
    }
    await turns();
  };
  return { storm, run };
}

t.test(
  'given a storm of writes behind panels that are read, neither the budget nor the contract gives way, and all is right a second after it',
  async (t) => {
    const { storm: one, run } = await storm();
    await run(62_000);
    t.ok(
      one.busiestMinuteCount() <= BUDGET_COUNT,
      `${one.busiestMinuteCount()} queries in the busiest minute`,
    );
    t.ok(one.stalestMs <= CONTRACT_MS + 500, `the oldest answer lacked a write for ${one.stalestMs} ms`);
    t.ok(one.waitsCount > 0, 'the statistics say that the budget binds');
    t.equal(one.observer.count('contract_breaches'), 0);
    t.equal(one.failedCount, 0);
    one.isWriting = false;
    await run(1000);
    const wrong = one.wrongCount();
    await run(100);
    t.equal(await wrong, 0, 'the last value of every panel');
    t.ok(one.busiestMinuteCount() <= BUDGET_COUNT);
  },
);

t.test('given no budget, the same storm asks far more often: the budget is what holds it', async (t) => {
  const { storm: one, run } = await storm({ budgetPerMinuteCount: null });
  await run(10_000);
  t.ok(one.queriesAtMs.length > BUDGET_COUNT, `${one.queriesAtMs.length} queries in ten seconds`);
});

t.test(
  'given a contract that the budget cannot keep, the contract gives way, counted, and not the budget',
  async (t) => {
    const { storm: one, run } = await storm({
      maxStalenessMs: 1000,
      budgetPerMinuteCount: 30,
      everyMs: 1000,
    });
    await run(20_000);
    t.ok(one.busiestMinuteCount() <= 30, `${one.busiestMinuteCount()} queries in the busiest minute`);
    t.ok(one.observer.count('contract_breaches') > 0);
    t.equal(
      one.observer.count('budget_breaches'),
      one.observer.count('contract_breaches'),
      'the statistics say for which of the two reasons',
    );
    t.ok(one.refusalsCount > 0);
  },
);
