import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Test } from 'tap';

/** A client as plugins/redis.ts makes it, connected, and disconnected with the test. */
export async function cacheRedis(t: Test, url: string): Promise<Redis> {
  const client = new Redis(url, {
    connectionName: 'dashcache',
    lazyConnect: true,
    connectTimeout: 1000,
    commandTimeout: 400,
    socketTimeout: 500,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), 1000),
  });
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  await client.connect();
  return client;
}

/** Waits in real time for what a server or a timer of its own brings about; fails after five seconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'what was waited for',
): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`${what} did not come about`);
    await sleep(3);
  }
}
