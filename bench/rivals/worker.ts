// One of the processes that share a cache. Does what it is told over the channel to its parent, and ends with it.
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryPace, redisPace } from './hit-pace.js';
import { madeValue } from './made-value.js';
import { libraryFile, type Rival } from './rival.js';
import type { Answered, Asked, Command, ReadAnswer } from './worker-commands.js';

/** One for each ttl; opened again, a new one in place of the old. */
const rivals = new Map<number, Rival>();

function rivalOf({ ttlMs }: { ttlMs: number }): Rival {
  const rival = rivals.get(ttlMs);
  if (!rival) throw new Error(`No cache with a ttl of ${ttlMs} ms was opened`);
  return rival;
}

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'open': {
      const { libraryUrl, sourceUrl, redisUrl, ttlMs } = command;
      const { library } = await libraryFile(libraryUrl);
      const load = sourceUrl === null ? async (key: string) => madeValue(key) : fromSource(sourceUrl);
      await rivals.get(ttlMs)?.close();
      rivals.set(ttlMs, await library.open({ redisUrl, ttlMs, load }));
      return;
    }
    case 'read': {
      const { keys, readersCount, atMs } = command;
      const rival = rivalOf(command);
      await sleep(Math.max(0, atMs - Date.now()));
      const readers = keys.flatMap((key) => Array.from({ length: readersCount }, () => answerOf(rival, key)));
      return Promise.all(readers);
    }
    case 'invalidate': {
      const rival = rivalOf(command);
      return Promise.all(command.keys.map((key) => rival.invalidate(key))).then(() => {});
    }
    case 'invalidateTag':
      return rivalOf(command).invalidateTag();
    case 'memoryHits':
      return memoryPace(rivalOf(command), command);
    case 'redisHits':
      return redisPace(rivalOf(command), command);
    case 'close':
      await Promise.all([...rivals.values()].map((rival) => rival.close()));
  }
}

function fromSource(url: string): (key: string) => Promise<unknown> {
  return async (key) => (await fetch(`${url}?key=${encodeURIComponent(key)}`)).json();
}

async function answerOf(rival: Rival, key: string): Promise<ReadAnswer> {
  const beginMs = performance.now();
  try {
    const value = await rival.read(key);
    return { version: versionOf(value), elapsedMs: performance.now() - beginMs, error: null };
  } catch (error) {
    return { version: null, elapsedMs: performance.now() - beginMs, error: String(error) };
  }
}

function versionOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('version' in value)) return null;
  return typeof value.version === 'number' ? value.version : null;
}

process.on('message', async ({ id, command }: Asked) => {
  let answer: Answered;
  try {
    answer = { id, result: await obey(command) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  if (process.connected) process.send?.(answer);
});
process.on('disconnect', () => process.exit());
