/** What a helper asks of a test: to end what it has opened. A test is one; a command has one of its own by `withLifetime`. */
export interface Lifetime {
  teardown(end: () => unknown): void;
}

/** For what opens helpers where there is no test: whatever becomes of it, all of them are ended, the last one first. */
export async function withLifetime<T>(run: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  const ends: (() => unknown)[] = [];
  try {
    return await run({ teardown: (end) => void ends.push(end) });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
