import t from 'tap';
import {
  ANSWERED_WITHIN_MS,
  frozenRounds,
  type KilledFigures,
  killedRounds,
} from '../../bench/dead-holder-rounds.js';
import { broken, replicas } from './support/replicas.js';

// In brief what `npm run bench:dead-holders` does in full.

const FROZEN_ROUNDS_COUNT = 20;

/** The best of three: what is bounded is our waiting, not what else the machine does meanwhile. */
t.test('a holder is killed: readers of the others are answered after its lease, by one query', async (t) => {
  const all = await replicas(t);
  const others = await Promise.all([all.start(), all.start()]);
  const batches: KilledFigures[] = [];
  const isInTime = () => batches.some(({ slowestMs }) => slowestMs <= ANSWERED_WITHIN_MS);
  while (batches.length < 3 && !isInTime()) {
    const figures = await killedRounds({ replicas: all, others, readersCount: 10, roundsCount: 2 });
    t.match(figures, { answeredCount: 40, readsCount: 40, maxExecutionsCount: 2 });
    t.ok(figures.fastestMs > 1000, `it held them by its lease: the fastest took ${figures.fastestMs} ms`);
    batches.push(figures);
  }
  t.ok(isInTime(), `the slowest took ${batches.map(({ slowestMs }) => Math.round(slowestMs)).join(', ')} ms`);
});

t.test('a holder sleeps past its leases and wakes: the newer values stay', async (t) => {
  const all = await replicas(t);
  const starting = [all.start(), all.start(), all.start(), all.start(broken('unfenced'))] as const;
  const [other, witness, holder, unfenced] = await Promise.all(starting);
  const roundsCount = FROZEN_ROUNDS_COUNT;
  const shared = { replicas: all, other, witness, roundsCount };
  const asleep = await frozenRounds({ ...shared, holder, queryEnds: 'asleep' });
  t.match(asleep, { newerCount: roundsCount, olderCount: 0, maxExecutionsCount: 2 });
  const [awake, control] = await Promise.all([
    frozenRounds({ ...shared, holder, queryEnds: 'awake' }),
    frozenRounds({ ...shared, holder: unfenced, queryEnds: 'awake' }),
  ]);
  t.match(awake, { newerCount: roundsCount, olderCount: 0, maxExecutionsCount: 2 });
  t.ok(
    control.olderCount > 0,
    `without the fence the older comes back in ${control.olderCount} of ${roundsCount}`,
  );
});
