import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withLifetime } from '../../test/helpers/lifetime.js';
import { median } from '../median.js';
import { canPin } from '../pin-to-core.js';
import type { Effort } from './effort.js';
import type { Load, LoadPlan } from './load-program.js';
import type { Side } from './side.js';

const CONNECTIONS_COUNT = 64;
/** The servers have the first core for themselves. */
export const SERVER_CORE = 0;
const LOAD_CORE = 1;

/** Answers per second of one side: the middle of its rounds, and the rounds. */
export interface Measured {
  readonly name: string;
  readonly perSecondCount: number;
  readonly roundsPerSecondCount: readonly number[];
  readonly bodyBytes: number;
}

/** Asks the sides in turns, each round of each in a fresh process. Throws when one answers otherwise than it should. */
export async function measureSides(sides: readonly Side[], effort: Effort): Promise<Map<string, Measured>> {
  const rounds = new Map<string, Load[]>(sides.map(({ name }) => [name, []]));
  for (let round = 0; round < effort.roundsCount; round++) {
    // Who comes first meets another machine than who comes last: in every other round the order is the other.
    for (const side of round % 2 === 0 ? sides : [...sides].reverse())
      rounds.get(side.name)?.push(await measureSide(side, effort));
  }
  return new Map(
    [...rounds].map(([name, loads]) => {
      const paces = loads.map(({ perSecondCount }) => perSecondCount);
      const bodyBytes = loads[0]?.bodyBytes ?? 0;
      return [name, { name, perSecondCount: median(paces), roundsPerSecondCount: paces, bodyBytes }];
    }),
  );
}

async function measureSide(side: Side, { warmUpMs, measuredMs }: Effort): Promise<Load> {
  return withLifetime(async (life) => {
    const served = await side.start(life);
    const { port, requests } = served;
    const plan = {
      port,
      requests,
      connectionsCount: CONNECTIONS_COUNT,
      warmUpMs,
      measuredMs,
      staysAwake: served.isShared !== true,
    };
    const load = await askedOf(plan);
    await served.stop();
    const others = Object.keys(load.statuses).filter((status) => Number(status) !== served.status);
    if (others.length > 0 || load.perSecondCount === 0)
      throw new Error(`${side.name} answered ${JSON.stringify(load.statuses)} and not ${served.status}`);
    return load;
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

async function askedOf(plan: LoadPlan): Promise<Load> {
  const program = fileURLToPath(new URL('./load-program.ts', import.meta.url));
  const [command = '', ...words] = onCore(LOAD_CORE, [
    process.execPath,
    '--import',
    'tsx',
    program,
    JSON.stringify(plan),
  ]);
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  if (text === '') throw new Error('Nobody answered');
  return JSON.parse(text) as Load;
}
