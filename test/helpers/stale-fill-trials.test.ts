import t from 'tap';
import { HeldDatabase } from './held-database.js';
import { nameOf, type Reading, type Replica, staleFillTrials, type Trial } from './stale-fill-trials.js';

const COUNTS = { trialsCount: 40, lanesCount: 4 };

interface FakeOptions {
  /** Keeps what it has loaded also when it was purged meanwhile. */
  readonly fillsAnyway?: boolean;
  readonly isAcknowledged?: boolean;
  /** Of reads that find something. */
  readonly isUnproven?: boolean;
}

/** Two replicas on one memory. */
function fakes(database: HeldDatabase, options: FakeOptions = {}): Replica[] {
  const { fillsAnyway = false, isAcknowledged = true, isUnproven = false } = options;
  const kept = new Map<string, number>();
  let purgesCount = 0;
  const replica: Replica = {
    async read(trial: Trial): Promise<Reading> {
      const name = nameOf(trial);
      const found = kept.get(name);
      if (found !== undefined) return { version: found, isUnproven, how: 'kept' };
      const purgesBefore = purgesCount;
      const version = await database.query(name);
      if (fillsAnyway || purgesCount === purgesBefore) kept.set(name, version);
      return { version, isUnproven: false, how: 'loaded' };
    },
    async purge(trial) {
      purgesCount++;
      kept.delete(nameOf(trial));
      return isAcknowledged;
    },
  };
  return [replica, { ...replica }];
}

async function figuresOf(options: FakeOptions) {
  const database = new HeldDatabase();
  const replicas = fakes(database, options);
  return staleFillTrials({ ...COUNTS, replicas, database, by: 'tag', at: 'other' });
}

t.test(
  'given a cache that refuses what was purged meanwhile, all trials count and nothing is old',
  async (t) => {
    const { readsCount, ...figures } = await figuresOf({});
    t.same(figures, { begunCount: 40, countedCount: 40, oldCount: 0, oldAnswers: new Map() });
    t.ok(readsCount >= 80, 'each process reads after each trial');
  },
);

t.test('given a cache that keeps it, the old answers are seen', async (t) => {
  const { readsCount, oldCount, oldAnswers } = await figuresOf({ fillsAnyway: true });
  t.equal(oldAnswers.get('kept'), oldCount);
  t.ok(oldCount >= readsCount / 2, `${oldCount} of ${readsCount}`);
});

t.test('given purges that are not acknowledged, nothing counts, and it ends', async (t) => {
  t.same(await figuresOf({ fillsAnyway: true, isAcknowledged: false }), {
    begunCount: 280,
    countedCount: 0,
    readsCount: 0,
    oldCount: 0,
    oldAnswers: new Map(),
  });
});

t.test('given old answers that say that they are unproven, they are not held against it', async (t) => {
  const { countedCount, oldCount } = await figuresOf({ fillsAnyway: true, isUnproven: true });
  t.equal(countedCount, 0);
  t.equal(oldCount, 0);
});

t.test('given loads that do not wait for the purge, no window was open', async (t) => {
  const database = new HeldDatabase();
  const read = async (): Promise<Reading> => ({ version: null, isUnproven: false, how: '' });
  const replica: Replica = { read, purge: async () => true };
  const run = { ...COUNTS, replicas: [replica, replica], database };
  const { countedCount } = await staleFillTrials({ ...run, by: 'panel', at: 'same' });
  t.equal(countedCount, 0);
});
