import { setTimeout as sleep } from 'node:timers/promises';

/** Looks until a condition holds, for what other processes do in their own time; false when it did not come. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { withinMs = 15_000, everyMs = 25 }: { withinMs?: number; everyMs?: number } = {},
): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) return false;
    await sleep(everyMs);
  }
  return true;
}
