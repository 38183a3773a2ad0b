import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { createResultCache, type ResultCacheOptions } from '../../result-cache.js';
import type { ResultCache } from '../../services/results/result-cache.js';
import { ManualClock } from './manual-clock.js';

/** A result cache whose time stands still and whose entries live to the millisecond. */
export function resultRoom(
  t: Test,
  options: ResultCacheOptions = {},
): { cache: ResultCache; clock: ManualClock } {
  const clock = new ManualClock();
  const cache = createResultCache({ clock, random: () => 0, ...options });
  t.teardown(() => cache.close());
  return { cache, clock };
}

/** A function that counts its runs and remembers what it was called with. */
export function counted<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
): ((...args: Args) => Result) & { readonly runs: Args[] } {
  const runs: Args[] = [];
  const run = (...args: Args): Result => {
    runs.push(args);
    return fn(...args);
  };
  return Object.assign(run, { runs });
}

/** For what happens beside the test, in Redis or in the background. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 5000): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) return false;
    await sleep(10);
  }
  return true;
}
