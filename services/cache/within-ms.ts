import type { Clock } from '../clock.js';

/** What the promise brings within that time; null when it brings nothing by then. */
export function withinMs<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T | null> {
  let cancel = (): void => {};
  const tooLate = new Promise<null>((resolve) => {
    cancel = clock.after(ms, () => resolve(null));
  });
  return Promise.race([promise, tooLate]).finally(() => cancel());
}
