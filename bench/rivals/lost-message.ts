import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRoom, withFleet } from './bench-room.js';
import { type Cut, CuttingProxy } from './cutting-proxy.js';
import type { Counts, Figure } from './figure.js';
import type { LibraryFile } from './rival.js';
import { ProcessEnded, type WorkerProcess } from './worker-process.js';

/** How long the connections are away: from just before the invalidation on. */
const CUT_MS = 1000;
const POLL_EVERY_MS = 40;
const CUTS: readonly Cut[] = ['nothing', 'bus', 'everything'];
const ROWS: Readonly<Record<Cut, string>> = {
  nothing: 'nothing cut: seconds of old data in the other process',
  bus: 'its bus connection cut for 1 s',
  everything: 'all its connections cut for 1 s',
};

interface Watch {
  readonly reader: WorkerProcess;
  readonly room: BenchRoom;
  readonly keys: readonly string[];
  readonly ttlMs: number;
  readonly sinceMs: number;
}

/** One process invalidates while another is cut off from its messages: how long does that one give old data from its memory? */
export async function lostMessage(
  bench: { room: BenchRoom; file: LibraryFile },
  { keysCount, lostTtlMs: ttlMs }: Counts,
): Promise<Figure[]> {
  const { room, file } = bench;
  if (!file.library.hasMemory) return CUTS.map((cut) => ({ row: ROWS[cut], text: '-', value: null }));
  const keys = Array.from({ length: keysCount }, (_, i) => `lost-${i}`);
  const proxies = await Promise.all(CUTS.map(() => CuttingProxy.start(room.server.port)));
  const members = [{}, ...proxies.map(({ url }) => ({ redisUrl: url }))];
  try {
    return await withFleet(bench, { members, ttlsMs: [ttlMs] }, async ([invalidator, ...readers]) => {
      await invalidator?.read({ ttlMs, keys });
      const filledMs: number[] = [];
      for (const reader of readers) {
        filledMs.push(performance.now());
        await reader.read({ ttlMs, keys });
      }
      // They have met for long: nobody is in the middle of starting.
      await sleep(500);
      for (const key of keys) room.source.change(key);
      for (const [index, proxy] of proxies.entries()) proxy.cut(CUTS[index] ?? 'nothing');
      const sinceMs = performance.now();
      setTimeout(() => {
        for (const proxy of proxies) proxy.heal();
      }, CUT_MS);
      const watches = readers.map((reader) => oldDataMs({ reader, room, keys, ttlMs, sinceMs }));
      const [oldMs] = await Promise.all([
        Promise.all(watches),
        invalidator?.invalidate({ ttlMs, keys }).catch(() => {}),
      ]);
      return CUTS.map((cut, index) => {
        const endMs = (filledMs[index] ?? 0) + ttlMs - sinceMs;
        return figureOf(ROWS[cut], oldMs[index] ?? null, { ttlMs, endMs });
      });
    });
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
}

/** When the last read began that was given old data; null when the process did not survive. */
async function oldDataMs({ reader, room, keys, ttlMs, sinceMs }: Watch): Promise<number | null> {
  let lastMs = 0;
  let isOld = true;
  try {
    // It asks on for a while after new data: old data may come back.
    for (let calmCount = 0; calmCount < 10 && performance.now() - sinceMs < ttlMs * 1.5; calmCount++) {
      const beginMs = performance.now() - sinceMs;
      const answers = await reader.read({ ttlMs, keys });
      isOld = answers.some(
        ({ version }, index) => version !== null && version < room.source.versionOf(keys[index] ?? ''),
      );
      if (isOld) {
        lastMs = beginMs;
        calmCount = 0;
      }
      await sleep(POLL_EVERY_MS);
    }
    return lastMs;
  } catch (error) {
    if (error instanceof ProcessEnded) return null;
    throw error;
  }
}

/** `endMs` is when the old values reached the end of their ttl, in ms after the invalidation. */
function figureOf(
  row: string,
  oldMs: number | null,
  { ttlMs, endMs }: { ttlMs: number; endMs: number },
): Figure {
  if (oldMs === null) return { row, text: 'process ended', value: null };
  const seconds = (oldMs / 1000).toFixed(1);
  // Some end a ttl early, by a twentieth at most; and nobody reads at the last moment.
  const isTillTtl = oldMs > 0 && oldMs > endMs - ttlMs * 0.1;
  return { row, text: isTillTtl ? `${seconds}, to its ttl` : seconds, value: oldMs / 1000 };
}
