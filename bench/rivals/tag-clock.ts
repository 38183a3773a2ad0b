import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type BenchRoom, withFleet } from './bench-room.js';
import type { Counts, Figure } from './figure.js';
import type { Library, LibraryFile } from './rival.js';
import type { WorkerProcess } from './worker-process.js';

const TTL_MS = 120_000;
const WRONG_BY_MS = 60_000;
const LATER_READS_COUNT = 10;

interface Trial {
  readonly room: BenchRoom;
  readonly keys: readonly string[];
  readonly settleMs: number;
  readonly invalidator: WorkerProcess;
  /** Have the old values in memory, if they keep any; they read again afterwards. */
  readonly holders: readonly WorkerProcess[];
  /** Reads only afterwards. */
  readonly newcomers: readonly WorkerProcess[];
  /** Done between the load and the invalidation, and after it. */
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
}

/** Invalidation by tag where clocks are wrong, and where Redis has lost what it relies on. */
export async function tagClock(
  bench: { room: BenchRoom; file: LibraryFile },
  { keysCount, settleMs }: Counts,
): Promise<Figure[]> {
  const { room, file } = bench;
  const members = [{}, {}, {}, { clockOffsetMs: -WRONG_BY_MS }, { clockOffsetMs: WRONG_BY_MS }];
  return withFleet(bench, { members, ttlsMs: [TTL_MS] }, async ([holder, right, newcomer, behind, ahead]) => {
    if (!holder || !right || !newcomer || !behind || !ahead) throw new Error('Five processes are needed');
    const evict = () => evictMarkers(room.redis, file.library);
    const keysFor = (name: string) => Array.from({ length: keysCount }, (_, i) => `${name}-${i}`);
    const common = { room, settleMs, holders: [holder], newcomers: [newcomer], invalidator: right };
    // In this order: the first on a tag that was never invalidated, the last leaves a mark from the future.
    const evictedAfter = await oldCount({ ...common, keys: keysFor('after'), after: evict });
    const byBehind = await oldCount({ ...common, keys: keysFor('behind'), invalidator: behind });
    const evictedBefore = await oldCount({ ...common, keys: keysFor('before'), before: evict });
    const byAhead = await oldCount({ ...common, keys: keysFor('ahead'), invalidator: ahead });
    const runsCount = await laterRuns(room, holder, 'ahead-0');
    return [
      verdict('tag invalidated by a process 60 s behind', byBehind, keysCount),
      verdict('tag invalidated by a process 60 s ahead', byAhead, keysCount),
      {
        row: `and then ${LATER_READS_COUNT} reads in turn run the load`,
        text: `${runsCount} times`,
        value: runsCount,
      },
      verdict('tag invalidated, then its marker evicted from Redis', evictedAfter, keysCount),
      verdict('marker evicted, then tag invalidated', evictedBefore, keysCount),
    ];
  });
}

/** Of how many keys somebody gets the old value after the tag was invalidated. */
async function oldCount({
  room,
  keys,
  settleMs,
  invalidator,
  holders,
  newcomers,
  before,
  after,
}: Trial): Promise<number> {
  for (const holder of holders) await holder.read({ ttlMs: TTL_MS, keys });
  // Behind the answers there may be writes; and clocks count in whole ms.
  await sleep(100);
  await before?.();
  for (const key of keys) room.source.change(key);
  await invalidator.invalidateTag({ ttlMs: TTL_MS });
  await after?.();
  await sleep(settleMs);
  const old = new Set<string>();
  for (const reader of [...newcomers, ...holders]) {
    const answers = await reader.read({ ttlMs: TTL_MS, keys });
    for (const [index, key] of keys.entries())
      if ((answers[index]?.version ?? 0) < room.source.versionOf(key)) old.add(key);
  }
  return old.size;
}

/** 0 or 1 where values are kept, all where nothing is kept any more. */
async function laterRuns(room: BenchRoom, reader: WorkerProcess, key: string): Promise<number> {
  const beforeCount = room.source.runsOf(key);
  for (let i = 0; i < LATER_READS_COUNT; i++) {
    await reader.read({ ttlMs: TTL_MS, keys: [key] });
    await sleep(10);
  }
  return room.source.runsOf(key) - beforeCount;
}

async function evictMarkers(redis: Redis, library: Library): Promise<void> {
  const markers = (await redis.keys('*')).filter((key) => library.isMarker(key));
  if (markers.length > 0) await redis.del(markers);
}

function verdict(row: string, oldCount: number, keysCount: number): Figure {
  const some = oldCount === keysCount ? 'old values' : `old values (${oldCount} of ${keysCount})`;
  return { row, text: oldCount === 0 ? 'new values' : some, value: oldCount };
}
