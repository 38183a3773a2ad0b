import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 20;

/** Asks again and again what a server brings about in its own time; rejects when it did not come. A question that fails is a no. */
export async function within(
  deadlineMs: number,
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  let fault: unknown = null;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      fault = error;
    }
    if (performance.now() > endMs) throw new Error(`Not within ${deadlineMs} ms: ${what}`, { cause: fault });
    await sleep(EVERY_MS);
  }
}
