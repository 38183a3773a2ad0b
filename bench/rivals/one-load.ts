import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRoom, withFleet } from './bench-room.js';
import type { Counts, Figure } from './figure.js';
import type { LibraryFile } from './rival.js';
import type { WorkerProcess } from './worker-process.js';

/** Whole seconds, the shortest that every library knows. */
const SHORT_TTL_MS = 1000;
const LONG_TTL_MS = 120_000;
/** Time for the order to reach all processes before the moment that it names. */
const HEAD_START_MS = 80;

const ROUNDS = ['cold', 'expired', 'invalidated'] as const;
type RoundKind = (typeof ROUNDS)[number];

interface Round {
  readonly executionsCount: number;
  readonly rightCount: number;
  readonly slowestMs: number;
}

/** All readers of all processes ask for one key at the same moment: how often does the source run? */
export async function oneLoad(
  bench: { room: BenchRoom; file: LibraryFile },
  counts: Counts,
): Promise<Figure[]> {
  const members = Array.from({ length: counts.processesCount }, () => ({}));
  const rounds = await withFleet(
    bench,
    { members, ttlsMs: [SHORT_TTL_MS, LONG_TTL_MS] },
    async (processes) => {
      const { room } = bench;
      const keysOf = (kind: RoundKind) =>
        Array.from({ length: counts.roundsCount }, (_, i) => `${kind}-${i}`);
      const play = async (ttlMs: number, keys: readonly string[]): Promise<Round[]> => {
        room.source.delayMs = counts.loadMs;
        const played: Round[] = [];
        for (const key of keys) played.push(await playRound(processes, { room, counts, ttlMs, key }));
        room.source.delayMs = 0;
        return played;
      };
      const cold = await play(LONG_TTL_MS, keysOf('cold'));
      await prime(processes, { room, ttlMs: SHORT_TTL_MS, keys: keysOf('expired') });
      await sleep(SHORT_TTL_MS * 1.3);
      const expired = await play(SHORT_TTL_MS, keysOf('expired'));
      await prime(processes, { room, ttlMs: LONG_TTL_MS, keys: keysOf('invalidated') });
      await processes[0]?.invalidate({ ttlMs: LONG_TTL_MS, keys: keysOf('invalidated') });
      await sleep(counts.settleMs);
      const invalidated = await play(LONG_TTL_MS, keysOf('invalidated'));
      return { cold, expired, invalidated };
    },
  );
  return figuresOf(rounds, counts);
}

/** Every process has the old version of the keys; then the source changes. */
async function prime(
  processes: readonly WorkerProcess[],
  { room, ttlMs, keys }: { room: BenchRoom; ttlMs: number; keys: readonly string[] },
): Promise<void> {
  for (const process of processes) await process.read({ ttlMs, keys });
  for (const key of keys) room.source.change(key);
}

async function playRound(
  processes: readonly WorkerProcess[],
  { room, counts, ttlMs, key }: { room: BenchRoom; counts: Counts; ttlMs: number; key: string },
): Promise<Round> {
  const { source } = room;
  const runsBeforeCount = source.runsOf(key);
  const order = { ttlMs, keys: [key], readersCount: counts.readersCount, atMs: Date.now() + HEAD_START_MS };
  const answers = (await Promise.all(processes.map((process) => process.read(order)))).flat();
  return {
    executionsCount: source.runsOf(key) - runsBeforeCount,
    rightCount: answers.filter(({ version }) => version === source.versionOf(key)).length,
    slowestMs: Math.max(...answers.map(({ elapsedMs }) => elapsedMs)),
  };
}

function figuresOf(rounds: Record<RoundKind, readonly Round[]>, counts: Counts): Figure[] {
  const all = ROUNDS.flatMap((kind) => rounds[kind]);
  const readersCount = all.length * counts.processesCount * counts.readersCount;
  const rightCount = sum(all.map((round) => round.rightCount));
  const slowest = Math.max(...all.map(({ slowestMs }) => slowestMs)) / counts.loadMs;
  return [
    ...ROUNDS.map((kind): Figure => {
      const executions = rounds[kind].map(({ executionsCount }) => executionsCount);
      const [least, most] = [Math.min(...executions), Math.max(...executions)];
      return {
        row: `executions a round, ${kind}`,
        text: least === most ? `${most}` : `${least} to ${most}`,
        value: sum(executions) / executions.length,
      };
    }),
    {
      row: `executions in all ${all.length} rounds`,
      text: `${sum(all.map(({ executionsCount }) => executionsCount))}`,
      value: sum(all.map(({ executionsCount }) => executionsCount)),
    },
    {
      row: `of ${readersCount} readers answered with the current value`,
      text: `${rightCount}`,
      value: rightCount,
    },
    { row: 'slowest answer, in times of one load', text: slowest.toFixed(1), value: slowest },
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
