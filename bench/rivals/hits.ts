import { type BenchRoom, withFleet } from './bench-room.js';
import type { Counts, Figure } from './figure.js';
import { madeKey, madeValue, type Shape } from './made-value.js';
import type { LibraryFile } from './rival.js';
import type { Pace } from './worker-commands.js';
import type { WorkerProcess } from './worker-process.js';

const TTL_MS = 600_000;
const SHAPES: readonly Shape[] = ['object', 'text'];
const SIZES_KIB = [1, 20, 200] as const;
/** So much is put into Redis for one figure at most. */
const REDIS_FILL_KIB = 30_000;

interface Bench {
  readonly room: BenchRoom;
  readonly file: LibraryFile;
}

/** What a hit costs in memory and from Redis, in lookups in a plain Map and in plain GETs of the same run. */
export async function hits(bench: Bench, counts: Counts): Promise<Figure[]> {
  return withFleet(
    bench,
    { members: [{}, {}], ttlsMs: [TTL_MS], madeValues: true },
    async ([writer, reader]) => {
      if (!writer || !reader) throw new Error('Two processes are needed');
      const [memory, redis]: [Figure[], Figure[]] = [[], []];
      for (const shape of SHAPES)
        for (const sizeKib of SIZES_KIB) {
          const what = `${shape} of ${sizeKib} KiB`;
          const key = madeKey(shape, sizeKib, 0);
          const { hasMemory } = bench.file.library;
          const memoryHits = hasMemory
            ? await writer.memoryHits({ ttlMs: TTL_MS, key, sliceMs: counts.hitSliceMs })
            : null;
          memory.push(ratio(`memory hit in Map lookups, ${what}`, memoryHits));
          const keys = keysOf(shape, sizeKib, counts.redisReadsCount);
          redis.push(
            ratio(`Redis hit in plain GETs, ${what}`, await redisHits(bench, { writer, reader, keys })),
          );
        }
      return [...memory, ...redis];
    },
  );
}

function keysOf(shape: Shape, sizeKib: number, mostCount: number): string[] {
  const length = Math.min(mostCount, Math.floor(REDIS_FILL_KIB / sizeKib));
  return Array.from({ length }, (_, i) => madeKey(shape, sizeKib, i + 1));
}

async function redisHits(
  { room: { redis, server }, file }: Bench,
  { writer, reader, keys }: { writer: WorkerProcess; reader: WorkerProcess; keys: readonly string[] },
): Promise<Pace> {
  const made = madeValue(keys[0] ?? '');
  const plain = typeof made === 'string' ? made : JSON.stringify(made);
  const plainKeys = keys.map((key) => `plain-${key}`);
  await Promise.all(plainKeys.map((key) => redis.set(key, plain)));
  // In parts: a library may give up on a Redis that is given everything at once.
  for (let from = 0; from < keys.length; from += 20)
    await writer.read({ ttlMs: TTL_MS, keys: keys.slice(from, from + 20) });
  // Opened only now: some libraries send what is written to the memory of the others.
  await reader.open({ libraryUrl: file.url, redisUrl: server.url, ttlMs: TTL_MS, sourceUrl: null });
  const pace = await reader.redisHits({ ttlMs: TTL_MS, keys, plainKeys, redisUrl: server.url });
  await redis.del(plainKeys);
  return pace;
}

function ratio(row: string, pace: Pace | null): Figure {
  if (!pace) return { row, text: '-', value: null };
  const value = pace.library / pace.plain;
  return { row, text: value < 10 ? value.toFixed(1) : value.toFixed(0), value };
}
