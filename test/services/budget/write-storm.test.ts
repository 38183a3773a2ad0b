import t from 'tap';
import { turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { type StormOptions, WriteStorm } from '../../helpers/write-storm.js';

const STEP_MS = 10;
const BUDGET_COUNT = 400;
const CONTRACT_MS = 10_000;

/** 40 panels that change all the time, read by 200 viewers as often as the database was asked without a cache. */
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
  'given 5,000 writes a second behind 40 panels, neither the budget nor the contract gives way, and then all is right within a second',
  async (t) => {
    const { storm: one, run } = await storm();
    await run(120_000);
    t.ok(
      one.busiestMinuteCount() <= BUDGET_COUNT,
      `${one.busiestMinuteCount()} queries in the busiest minute`,
    );
    t.ok(one.stalestMs() <= CONTRACT_MS + 500, `the oldest answer lacked a write for ${one.stalestMs()} ms`);
    t.ok(one.waitsCount > 0, 'the statistics say that the budget binds');
    t.equal(one.observer.count('contract_breaches'), 0);
    t.equal(one.failedCount, 0);
    one.isWriting = false;
    await run(1000);
    t.equal(await one.wrongCount(), 0, 'the last value of every panel');
    t.ok(one.busiestMinuteCount() <= BUDGET_COUNT);
    await one.close();
  },
);
