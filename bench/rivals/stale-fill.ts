import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRoom, withFleet } from './bench-room.js';
import type { Counts, Figure } from './figure.js';
import type { LibraryFile } from './rival.js';
import type { WorkerProcess } from './worker-process.js';

const TTL_MS = 120_000;
const BATCH_COUNT = 50;
/** What a library still writes behind its answer is written by then. */
const SETTLE_MS = 30;

type By = 'key' | 'tag';

interface Pair {
  readonly room: BenchRoom;
  readonly loader: WorkerProcess;
  /** The process that invalidates; may be the one that loads. */
  readonly invalidator: WorkerProcess;
}

/** A value is invalidated while its load runs, which has read the old data: do later reads get them? */
export async function staleFill(
  bench: { room: BenchRoom; file: LibraryFile },
  { trialsCount }: Counts,
): Promise<Figure[]> {
  return withFleet(bench, { members: [{}, {}], ttlsMs: [TTL_MS] }, async ([one, other]) => {
    if (!one || !other) throw new Error('Stale fills need two processes');
    const figures: Figure[] = [];
    for (const by of ['key', 'tag'] as const)
      for (const [where, invalidator] of [
        ['in one process', one],
        ['by another process', other],
      ] as const) {
        const pair = { room: bench.room, loader: one, invalidator };
        const staleCount = await trials(pair, { by, trialsCount, prefix: `${by} ${where}` });
        figures.push({
          row: `invalidated by ${by} ${where} during the load: old value afterwards, of ${trialsCount}`,
          text: `${staleCount}`,
          value: staleCount,
        });
      }
    return figures;
  });
}

async function trials(
  pair: Pair,
  { by, trialsCount, prefix }: { by: By; trialsCount: number; prefix: string },
): Promise<number> {
  let staleCount = 0;
  for (let from = 0; from < trialsCount; from += BATCH_COUNT) {
    const length = Math.min(BATCH_COUNT, trialsCount - from);
    const keys = Array.from({ length }, (_, i) => `${prefix} ${from + i}`);
    staleCount += await batch(pair, by, keys);
  }
  return staleCount;
}

/** All loads have begun, then the source changes, then it is told, and only then the loads end. */
async function batch(
  { room: { source }, loader, invalidator }: Pair,
  by: By,
  keys: readonly string[],
): Promise<number> {
  source.hold();
  const loading = loader.read({ ttlMs: TTL_MS, keys });
  try {
    await source.arrived(keys.length);
    for (const key of keys) source.change(key);
    if (by === 'key') await invalidator.invalidate({ ttlMs: TTL_MS, keys });
    else await invalidator.invalidateTag({ ttlMs: TTL_MS });
  } finally {
    source.release();
  }
  await loading;
  await sleep(SETTLE_MS);
  const stale = new Set<string>();
  for (const reader of new Set([loader, invalidator])) {
    const answers = await reader.read({ ttlMs: TTL_MS, keys });
    for (const [index, key] of keys.entries())
      if ((answers[index]?.version ?? 0) < source.versionOf(key)) stale.add(key);
  }
  return stale.size;
}
