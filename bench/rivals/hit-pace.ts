import { Redis } from 'ioredis';
import type { Rival } from './rival.js';
import type { Command, Pace } from './worker-commands.js';

type Told<Name extends Command['do']> = Omit<Extract<Command, { do: Name }>, 'do' | 'ttlMs'>;

const SLICES_COUNT = 5;
/** How many reads are under way at once: both sides may put several into one round trip. */
const AT_ONCE_COUNT = 8;

/** How long a hit in memory takes, and a lookup in a plain Map, in ms; in turns, so that both meet the same machine. */
export async function memoryPace(rival: Rival, { key, sliceMs }: Told<'memoryHits'>): Promise<Pace> {
  const plain = new Map<string, unknown>([[key, await rival.read(key)]]);
  const lookUp = async (name: string): Promise<unknown> => plain.get(name);
  const read = (name: string): Promise<unknown> => rival.read(name);
  // Both compiled before they are measured.
  await paceOf(lookUp, key, sliceMs / 2);
  await paceOf(read, key, sliceMs / 2);
  const turns: Pace[] = [];
  for (let slice = 0; slice < SLICES_COUNT; slice++)
    turns.push({
      plain: await paceOf(lookUp, key, sliceMs),
      library: await paceOf(read, key, sliceMs),
    });
  return middleOf(turns);
}

async function paceOf(
  read: (key: string) => Promise<unknown>,
  key: string,
  sliceMs: number,
): Promise<number> {
  const beginMs = performance.now();
  let readsCount = 0;
  let elapsedMs = 0;
  do {
    for (let i = 0; i < 20; i++) await read(key);
    readsCount += 20;
    elapsedMs = performance.now() - beginMs;
  } while (elapsedMs < sliceMs);
  return elapsedMs / readsCount;
}

/** The same for values that only Redis has, beside plain GETs. Every key is read once: then it is in memory. */
export async function redisPace(
  rival: Rival,
  { keys, plainKeys, redisUrl }: Told<'redisHits'>,
): Promise<Pace> {
  const redis = new Redis(redisUrl);
  try {
    const turns: Pace[] = [];
    for (let from = 0; from < keys.length; from += AT_ONCE_COUNT) {
      const to = from + AT_ONCE_COUNT;
      const plain = () => elapsedOf(plainKeys.slice(from, to).map((key) => () => redis.get(key)));
      const library = () => elapsedOf(keys.slice(from, to).map((key) => () => rival.read(key)));
      // Who comes second pays for the garbage of the first: each does in every other turn.
      if (turns.length % 2 === 0) turns.push({ plain: await plain(), library: await library() });
      else {
        const libraryMs = await library();
        turns.push({ plain: await plain(), library: libraryMs });
      }
    }
    // In the first both connect, compile and learn.
    return middleOf(turns.slice(1));
  } finally {
    redis.disconnect();
  }
}

async function elapsedOf(reads: readonly (() => Promise<unknown>)[]): Promise<number> {
  const beginMs = performance.now();
  await Promise.all(reads.map((read) => read()));
  return performance.now() - beginMs;
}

/** The median of each side: the machine has other things to do at times. */
function middleOf(turns: readonly Pace[]): Pace {
  const middle = (numbers: readonly number[]) =>
    [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
  return {
    library: middle(turns.map((turn) => turn.library)),
    plain: middle(turns.map((turn) => turn.plain)),
  };
}
