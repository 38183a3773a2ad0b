import t from 'tap';
import { type CallerCount, type RateLedger, RateLimiter } from '../../../services/quota/rate-limiter.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const RATE = { maxCount: 100, windowMs: 60_000 };

function limiterOn(clock: ManualClock, ledger: RateLedger | null = null) {
  const limiter = new RateLimiter({ rate: RATE, clock, ledger });
  /** How many of so many requests in this instant are allowed. */
  const allowed = (caller: string, count: number) => {
    let allowedCount = 0;
    for (let i = 0; i < count; i++) if (limiter.waitMsOf(caller) === 0) allowedCount++;
    return allowedCount;
  };
  return { limiter, allowed };
}

t.test('given more than the rate allows, the rest is told when to come back, and then it may', async (t) => {
  const clock = new ManualClock();
  const { limiter, allowed } = limiterOn(clock);
  t.equal(allowed('a', 150), 100);
  const waitMs = limiter.waitMsOf('a');
  clock.advance(Math.ceil(waitMs) - 1000);
  t.equal(allowed('a', 1), 0);
  clock.advance(1000);
  t.equal(allowed('a', 1), 1, 'not later than it was told');
  t.equal(allowed('b', 150), 100, 'others have their own');
});

t.test(
  'given any pattern, no minute has more than the rate allows by more than the slide gives',
  async (t) => {
    const clock = new ManualClock();
    const { allowed } = limiterOn(clock);
    const at: number[] = [];
    for (let second = 0; second < 600; second++) {
      const burst = second % 90 === 59 ? 200 : second % 7 === 0 ? 20 : 0;
      for (let i = allowed('a', burst); i > 0; i--) at.push(second);
      clock.advance(1000);
    }
    const mostCount = Math.max(...at.map((from) => at.filter((s) => s >= from && s < from + 60).length));
    t.ok(mostCount <= 1.35 * RATE.maxCount, `${mostCount} in a minute`);
    t.ok(at.length >= 8 * RATE.maxCount, `${at.length} in ten minutes`);
  },
);

t.test('given a full window, at its end the burst cannot be had again at once', async (t) => {
  const clock = new ManualClock(60_000 * 1000);
  const { allowed } = limiterOn(clock);
  clock.advance(59_000);
  t.equal(allowed('a', 200), 100);
  clock.advance(2000);
  t.ok(allowed('a', 200) <= 3);
});

/** What processes tell each other, with nothing between. */
class SharedTruth {
  readonly #totals = new Map<string, Map<string, number>>();
  isAway = false;
  toldCount = 0;

  of(process: string): RateLedger {
    return {
      tell: async (window, counts: readonly CallerCount[]) => {
        if (this.isAway) return null;
        return counts.map(({ caller, count }) => {
          this.toldCount++;
          const all = this.#totals.get(`${window} ${caller}`) ?? new Map<string, number>();
          this.#totals.set(`${window} ${caller}`, all.set(process, count));
          return [...all.values()].reduce((sum, each) => sum + each, 0);
        });
      },
    };
  }
}

async function tellAll(clock: ManualClock): Promise<void> {
  clock.advance(250);
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

t.test('given three processes, a caller has about what he would have of one', async (t) => {
  const clock = new ManualClock(60_000 * 1000);
  const truth = new SharedTruth();
  const processes = ['1', '2', '3'].map((name) => limiterOn(clock, truth.of(name)));
  let allowedCount = 0;
  for (let i = 0; i < 50; i++) {
    for (const { allowed } of processes) allowedCount += allowed('a', 2);
    await tellAll(clock);
    await tellAll(clock);
  }
  t.ok(allowedCount >= 100 && allowedCount <= 112, `${allowedCount}`);
});

t.test(
  'given three processes that do not hear each other, he has three times as much (control)',
  async (t) => {
    const clock = new ManualClock(60_000 * 1000);
    const truth = new SharedTruth();
    truth.isAway = true;
    const processes = ['1', '2', '3'].map((name) => limiterOn(clock, truth.of(name)));
    let allowedCount = 0;
    for (let i = 0; i < 50; i++) {
      for (const { allowed } of processes) allowedCount += allowed('a', 3);
      await tellAll(clock);
    }
    t.equal(allowedCount, 300);
  },
);

t.test('given callers who ask little, nobody is told of them', async (t) => {
  const clock = new ManualClock();
  const truth = new SharedTruth();
  const { allowed } = limiterOn(clock, truth.of('1'));
  for (let i = 0; i < 1000; i++) allowed(`caller ${i}`, 2);
  await tellAll(clock);
  t.equal(truth.toldCount, 0);
  allowed('busy', 3);
  await tellAll(clock);
  t.equal(truth.toldCount, 1);
});

t.test('given the end, nothing is left to do', async (t) => {
  const clock = new ManualClock();
  const { limiter } = limiterOn(clock, new SharedTruth().of('1'));
  limiter.close();
  t.equal(clock.pendingTimers, 0);
});
