// What a holder of leases that is killed, or that sleeps past them, costs the others: `npm run bench:dead-holders`.
import { withLifetime } from '../test/helpers/lifetime.js';
import { broken, type Replicas, replicas } from '../test/integration/support/replicas.js';
import {
  ANSWERED_WITHIN_MS,
  type FrozenFigures,
  frozenRounds,
  type KilledFigures,
  killedRounds,
} from './dead-holder-rounds.js';

const KILLED = { batchesCount: 10, roundsCount: 3, readersCount: 25 };
const FROZEN = { batchesCount: 4, roundsCount: 50 };

function sum(figures: readonly number[]): number {
  return figures.reduce((total, one) => total + one, 0);
}

async function killed(all: Replicas): Promise<boolean> {
  const others = [await all.start(), await all.start()];
  const batches: KilledFigures[] = [];
  for (let i = 0; i < KILLED.batchesCount; i++)
    batches.push(await killedRounds({ replicas: all, others, ...KILLED }));
  const readsCount = sum(batches.map((one) => one.readsCount));
  const answeredCount = sum(batches.map((one) => one.answeredCount));
  const maxExecutionsCount = Math.max(...batches.map((one) => one.maxExecutionsCount));
  const slowestMs = Math.round(Math.max(...batches.map((one) => one.slowestMs)));
  const roundsCount = sum(batches.map((one) => one.roundsCount));
  const unansweredCount = sum(batches.map((one) => one.unansweredCount));
  process.stdout.write(
    `killed    ${roundsCount} rounds: ${answeredCount} of ${readsCount} readers answered, the slowest in ${slowestMs} ms of ` +
      `${ANSWERED_WITHIN_MS}, ${executions(maxExecutionsCount, unansweredCount)}\n`,
  );
  return answeredCount === readsCount && maxExecutionsCount <= 2 && slowestMs <= ANSWERED_WITHIN_MS;
}

/** Of a holder with the fence, or without it. */
async function frozen(all: Replicas, environment: Record<string, string> = {}): Promise<FrozenFigures> {
  const [holder, other, witness] = [await all.start(environment), await all.start(), await all.start()];
  const batches: FrozenFigures[] = [];
  for (let i = 0; i < FROZEN.batchesCount; i++) {
    const queryEnds = i % 2 === 0 ? 'asleep' : 'awake';
    batches.push(await frozenRounds({ replicas: all, holder, other, witness, queryEnds, ...FROZEN }));
  }
  return {
    roundsCount: sum(batches.map((one) => one.roundsCount)),
    newerCount: sum(batches.map((one) => one.newerCount)),
    olderCount: sum(batches.map((one) => one.olderCount)),
    maxExecutionsCount: Math.max(...batches.map((one) => one.maxExecutionsCount)),
    unansweredCount: sum(batches.map((one) => one.unansweredCount)),
  };
}

function write(name: string, figures: FrozenFigures): void {
  const { roundsCount, newerCount, olderCount, maxExecutionsCount, unansweredCount } = figures;
  process.stdout.write(
    `${name}  ${roundsCount} rounds: the newer value stays in ${newerCount}, the older comes back in ${olderCount}, ` +
      `${executions(maxExecutionsCount, unansweredCount)}\n`,
  );
}

function executions(maxCount: number, unansweredCount: number): string {
  return `at most ${maxCount} executions; Redis did not answer in time ${unansweredCount} times`;
}

await withLifetime(async (lifetime) => {
  const all = await replicas(lifetime);
  const isKilledMet = await killed(all);
  const fenced = await frozen(all);
  write('frozen  ', fenced);
  const unfenced = await frozen(all, broken('unfenced'));
  write('unfenced', unfenced);
  const isFrozenMet = fenced.newerCount === fenced.roundsCount && fenced.maxExecutionsCount <= 2;
  // Without the fence as good as every round must be lost, or the rounds above prove nothing.
  const isControlMet = unfenced.olderCount > unfenced.roundsCount / 2;
  process.exitCode = isKilledMet && isFrozenMet && isControlMet ? 0 : 1;
});
