import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CachePolicy } from '../services/cache/policy.js';
import type { CacheProcess, CountingSource, ReadAnswer } from '../test/helpers/cache-processes.js';

/** What lies in the layers when all readers come at once. */
export const CASES = ['cold', 'expired', 'invalidated'] as const;
export type Case = (typeof CASES)[number];

/** What one case was like. */
export interface CaseFigures {
  readonly what: Case;
  readonly roundsCount: number;
  readonly executionsCount: number;
  readonly readsCount: number;
  readonly answeredCount: number;
  readonly slowestMs: number;
}

/** No grace: whoever finds something expired has to wait, as those do who find nothing. */
const POLICY: CachePolicy = {
  ttlMs: 600_000,
  graceMs: 0,
  staleIfErrorMs: 0,
  deadlineMs: 30_000,
  softDeadlineMs: null,
  unproven: 'allow',
  maxStalenessMs: null,
};
const SHORT_TTL_MS = 1500;

/** Rounds in which readers of every process want one key at the same moment. */
export async function oneLoadRounds(options: {
  what: Case;
  processes: readonly CacheProcess[];
  source: CountingSource;
  readersCount: number;
  roundsCount: number;
}): Promise<CaseFigures> {
  const { what, processes, source, readersCount, roundsCount } = options;
  const run = randomUUID();
  const keys = Array.from({ length: roundsCount }, (_, i) => `${what}-${run}-${i}`);
  await prepare(what, keys, processes);
  const countBefore = source.asked.length;
  const answers: ReadAnswer[] = [];
  for (const key of keys) {
    const reading = processes.map((one) =>
      one.perform({ do: 'read', key, count: readersCount, policy: POLICY }),
    );
    answers.push(...(await Promise.all(reading)).flat());
  }
  return {
    what,
    roundsCount,
    executionsCount: source.asked.length - countBefore,
    readsCount: answers.length,
    answeredCount: answers.filter(({ outcome }) => outcome !== 'error').length,
    slowestMs: Math.max(...answers.map(({ tookMs }) => tookMs)),
  };
}

async function prepare(
  what: Case,
  keys: readonly string[],
  processes: readonly CacheProcess[],
): Promise<void> {
  if (what === 'cold') return;
  const policy = what === 'expired' ? { ...POLICY, ttlMs: SHORT_TTL_MS } : POLICY;
  // Everybody has it in memory before it expires or is purged.
  await Promise.all(
    keys.map((key) =>
      Promise.all(processes.map((one) => one.perform({ do: 'read', key, count: 1, policy }))),
    ),
  );
  if (what === 'expired') await sleep(SHORT_TTL_MS);
  else for (const key of keys) await processes[0]?.perform({ do: 'purge', key });
}
