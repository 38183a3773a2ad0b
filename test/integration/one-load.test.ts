import t, { type Test } from 'tap';
import { CASES, oneLoadRounds } from '../../bench/one-load-rounds.js';
import {
  type CacheProcess,
  CountingSource,
  type ReadAnswer,
  type Setup,
  startProcesses,
} from '../helpers/cache-processes.js';
import { ROOM_POLICY } from '../helpers/cache-room.js';
import { startRedis } from '../helpers/redis-server.js';

const QUERY_MS = 500;
const LEASE_MS = 2000;
const READERS_COUNT = 50;

const redis = await startRedis();
const source = await CountingSource.start(QUERY_MS);
t.teardown(async () => {
  source.stop();
  await redis.stop();
});

async function processesOf(
  t: Test,
  count: number,
  setup: Partial<Setup> = {},
): Promise<readonly CacheProcess[]> {
  const processes = await startProcesses(count, { redisUrl: redis.url, sourceUrl: source.url, ...setup });
  t.teardown(() => {
    for (const one of processes) one.signal('SIGKILL');
  });
  return processes;
}

function reading(one: CacheProcess, key: string, count = READERS_COUNT): Promise<ReadAnswer[]> {
  return one.perform({ do: 'read', key, count, policy: ROOM_POLICY });
}

/** All read at once; who came to the source, and the others. */
async function race(processes: readonly CacheProcess[], key: string) {
  const answers = new Map(processes.map((one) => [one, reading(one, key)]));
  const pid = await source.firstPid(key);
  const holder = processes.find((one) => one.pid === pid);
  if (!holder) throw new Error(`No process has the id ${pid}`);
  const others = processes.filter((one) => one !== holder);
  const answersOf = async (some: readonly CacheProcess[]) =>
    (await Promise.all(some.map((one) => answers.get(one) ?? []))).flat();
  return { holder, others, answersOf };
}

for (const hears of [true, false])
  t.test(
    `given four processes of 50 readers ${hears ? 'who are told' : 'who only ask again'}, each key is loaded once`,
    async (t) => {
      const processes = await processesOf(t, 4, { hears });
      for (const what of hears ? CASES : CASES.slice(0, 1)) {
        const counts = { readersCount: READERS_COUNT, roundsCount: 3 };
        const figures = await oneLoadRounds({ what, processes, source, ...counts });
        t.comment(figures);
        t.match(figures, { executionsCount: 3, readsCount: 600, answeredCount: 600 }, what);
      }
    },
  );

t.test('given processes that take the lease whoever holds it, each of them loads', async (t) => {
  const processes = await processesOf(t, 4, { grabsLeases: true });
  const counts = { readersCount: READERS_COUNT, roundsCount: 1 };
  const figures = await oneLoadRounds({ what: 'cold', processes, source, ...counts });
  t.match(figures, { executionsCount: 4, answeredCount: 200 });
});

t.test('given a holder that closes, the others need not wait for its lease', async (t) => {
  const { holder, others, answersOf } = await race(await processesOf(t, 2), 'closed');
  await holder.perform({ do: 'close' });
  const [answers, own] = [await answersOf(others), await answersOf([holder])];
  t.ok(answers.every(({ text, tookMs }) => text === 'v2' && tookMs < LEASE_MS));
  t.ok(
    own.every(({ text }) => text === 'v1'),
    'its own readers are answered by its load',
  );
});
