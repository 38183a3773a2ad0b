import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../../test/helpers/redis-server.js';
import type { LibraryFile } from './rival.js';
import { Source } from './source.js';
import { WorkerProcess } from './worker-process.js';

/** What all measurements stand on: a redis-server of the bench's own and the slow source. */
export interface BenchRoom {
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly source: Source;
  close(): Promise<void>;
}

export async function openBenchRoom(): Promise<BenchRoom> {
  const [server, source] = await Promise.all([startRedis(), Source.start()]);
  const redis = new Redis(server.url);
  return {
    server,
    redis,
    source,
    async close() {
      redis.disconnect();
      await Promise.all([server.stop(), source.close()]);
    },
  };
}

export interface Member {
  readonly clockOffsetMs?: number;
  /** Default: that of the room. */
  readonly redisUrl?: string;
}

export interface FleetOptions {
  readonly members: readonly Member[];
  /** A cache is opened for each. */
  readonly ttlsMs: readonly number[];
  /** Values are made in the processes and not asked of the source. */
  readonly madeValues?: boolean;
}

/** Runs `measure` with processes that share a cache of the library, in an empty Redis; they end with it. */
export async function withFleet<T>(
  { room, file }: { room: BenchRoom; file: LibraryFile },
  { members, ttlsMs, madeValues = false }: FleetOptions,
  measure: (processes: readonly WorkerProcess[]) => Promise<T>,
): Promise<T> {
  await room.redis.flushall();
  const processes = members.map((member) => new WorkerProcess(member));
  try {
    await Promise.all(
      processes.flatMap((process, index) =>
        ttlsMs.map((ttlMs) =>
          process.open({
            libraryUrl: file.url,
            redisUrl: members[index]?.redisUrl ?? room.server.url,
            ttlMs,
            sourceUrl: madeValues ? null : room.source.url,
          }),
        ),
      ),
    );
    return await measure(processes);
  } finally {
    await Promise.all(processes.map((process) => process.close()));
  }
}
