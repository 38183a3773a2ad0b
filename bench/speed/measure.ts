import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { withLifetime } from '../../test/helpers/lifetime.js';
import { median } from '../median.js';
import { canPin } from '../pin-to-core.js';
import type { Effort } from './effort.js';
import type { Load, LoadPlan } from './load-program.js';
import type { Served, Side } from './side.js';

const CONNECTIONS_COUNT = 64;
/** The servers have the first core for themselves. */
export const SERVER_CORE = 0;
/** Whoever asks, and Redis beside it. */
export const LOAD_CORE = 1;

/** Answers per second of one side. */
export interface Measured {
  readonly name: string;
  /** The middle of all slices. */
  readonly perSecondCount: number;
  /** Slices of each round. */
  readonly rounds: readonly (readonly number[])[];
  readonly bodyBytes: number;
}

/** Asks the sides in turns, in each round fresh processes of all of them. Throws when one answers otherwise than it should. */
export async function measureSides(sides: readonly Side[], effort: Effort): Promise<Map<string, Measured>> {
  const rounds: Load[][] = [];
  for (let round = 0; round < effort.roundsCount; round++)
    // Who comes first is older than who comes last: in every other round the order is the other.
    rounds.push(round % 2 === 0 ? await measureRound(sides, effort) : await measureReversed(sides, effort));
  return new Map(
    sides.map(({ name }, i) => {
      const ofSide = rounds.map((loads) => loads[i]?.perSecondCounts ?? []);
      const bodyBytes = rounds[0]?.[i]?.bodyBytes ?? 0;
      return [name, { name, perSecondCount: median(ofSide.flat()), rounds: ofSide, bodyBytes }];
    }),
  );
}

async function measureReversed(sides: readonly Side[], effort: Effort): Promise<Load[]> {
  return (await measureRound([...sides].reverse(), effort)).reverse();
}

async function measureRound(
  sides: readonly Side[],
  { roundsCount: _all, ...times }: Effort,
): Promise<Load[]> {
  return withLifetime(async (life) => {
    const served: Served[] = [];
    for (const side of sides) served.push(await side.start(life));
    const loads = await askedOf({
      sides: served.map(({ port, requests, areOwn = false }) => ({ port, requests, areOwn })),
      connectionsCount: CONNECTIONS_COUNT,
      staysAwake: served.every(({ isShared }) => isShared !== true),
      ...times,
    });
    for (const { stop } of served) await stop();
    for (const [i, { statuses }] of loads.entries()) {
      const others = Object.keys(statuses).filter((status) => Number(status) !== served[i]?.status);
      if (others.length > 0)
        throw new Error(
          `${sides[i]?.name} answered ${JSON.stringify(statuses)} and not ${served[i]?.status}`,
        );
    }
    return loads;
  });
}

/** Where cores cannot be chosen, whoever asks takes from who answers. */
function onCore(core: number, words: readonly string[]): readonly string[] {
  return canPin() ? ['taskset', '-c', String(core), ...words] : words;
}

/** The words that run a program of ours on the core of servers. */
export function onServerCore(words: readonly string[]): readonly [string, ...string[]] {
  return onCore(SERVER_CORE, words) as [string, ...string[]];
}

async function askedOf(plan: LoadPlan): Promise<Load[]> {
  const program = fileURLToPath(new URL('./load-program.ts', import.meta.url));
  const [command = '', ...words] = onCore(LOAD_CORE, [process.execPath, '--import', 'tsx', program]);
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(plan));
  const told = await text(child.stdout);
  if (told === '') throw new Error('Nobody answered');
  return JSON.parse(told) as Load[];
}
