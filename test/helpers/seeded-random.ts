import { randomInt } from 'node:crypto';

const VARIABLE = 'DASHCACHE_TEST_SEED';

/**
 * The seed of a random test: DASHCACHE_TEST_SEED where it is set, to replay one run, else another at every call. The test prints
 * it (`t.comment`), and with it what to set.
 */
export function testSeed(): number {
  const given = process.env[VARIABLE];
  if (given === undefined || given === '') return randomInt(1, 2 ** 31);
  if (!/^\d+$/.test(given)) throw new Error(`${VARIABLE} must be a whole number, not ${given}`);
  return Number(given);
}

/** What to set to have this run again. */
export function replayOf(seed: number): string {
  return `${VARIABLE}=${seed}`;
}

/** Random choices, the same for the same seed (mulberry32: small, and good enough to shuffle faults). */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number between these, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    const [first] = items;
    if (first === undefined) throw new Error('There is nothing to pick from');
    return items[this.between(0, items.length - 1)] ?? first;
  }
}
