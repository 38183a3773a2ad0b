import { Redis } from 'ioredis';
import type { Log } from '../log.js';

const QUIT_WAIT_MS = 300;
const LONGEST_RETRY_MS = 1000;
const LOG_EVERY_MS = 60_000;

/** How long a start waits for Redis: it goes on without (invariant 9). */
export const START_WAIT_MS = 500;

/** A client that connects in the background and again after every loss. Whoever opens it ends it with `closeRedisClient`. */
export function openRedisClient(url: string, log: Log): Redis {
  const client = new Redis(url, {
    connectionName: 'dashcache',
    lazyConnect: true,
    connectTimeout: 1000,
    // Shorter than socketTimeout: a command fails alone before its connection is given up.
    commandTimeout: 400,
    // A frozen Redis keeps its sockets open: without this nothing is noticed for minutes.
    socketTimeout: 500,
    // A command that waits for a connection is a reader who waits: fail at once and ask the source.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What timed out may have been applied, and would be applied again.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
  });
  logRarely(client, log);
  client.connect().catch(() => {
    // The error event has told the log, and the retry strategy goes on.
  });
  return client;
}

/** Resolves when commands are answered, at the latest after `waitMs`. */
export function redisReady(client: Redis, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      client.off('ready', done);
      resolve();
    };
    const timer = setTimeout(done, waitMs);
    client.once('ready', done);
    if (client.status === 'ready') done();
  });
}

/** QUIT lets pending answers in; a Redis that does not answer must not hold up the stop. */
export async function closeRedisClient(client: Redis): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, QUIT_WAIT_MS);
  });
  if (client.status === 'ready') {
    await Promise.race([client.quit().catch(() => {}), waited]);
  }
  clearTimeout(timer);
  client.disconnect();
}

/** While Redis is away every attempt fails alike: one line a minute, and one when it is back. */
function logRarely(client: Redis, log: Log): void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  client.on('error', (error: NodeJS.ErrnoException) => {
    if (performance.now() - toldAtMs < LOG_EVERY_MS) return;
    toldAtMs = performance.now();
    log.warn(
      { reason: error.code ?? error.message },
      'Redis does not answer; serving from memory and sources',
    );
  });
  client.on('ready', () => {
    toldAtMs = Number.NEGATIVE_INFINITY;
    log.info({}, 'Redis answers');
  });
}
