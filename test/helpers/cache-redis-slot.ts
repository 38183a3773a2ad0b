import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import type { LookAnswer } from '../../services/cache/control-slot.js';
import { Generations } from '../../services/cache/generations.js';
import { RedisControlSlot } from '../../services/cache/redis-control-slot.js';
import { newProcessId } from '../../services/cache/stamp.js';
import { silentLog } from '../../services/log.js';
import { cacheRedis } from './cache-redis.js';
import { CountingObserver } from './cache-room.js';
import { ManualClock } from './manual-clock.js';
import { type RedisServer, startRedis } from './redis-server.js';

/** What a process knows that has never looked. */
export const unmet = { root: '', position: '' };

export interface RedisSlot {
  readonly redis: Redis;
  readonly slot: RedisControlSlot;
  readonly clock: ManualClock;
}

/** A slot on that server, which is emptied first. */
export async function slotOn(t: Test, server: RedisServer): Promise<RedisSlot> {
  const redis = await cacheRedis(t, server.adminUrl);
  await redis.flushall();
  const clock = new ManualClock();
  return {
    redis,
    clock,
    slot: new RedisControlSlot({ redis, prefix: 'dc:', clock, processId: newProcessId() }),
  };
}

/** A server for one test. */
export async function ownServer(
  t: Test,
  options: Parameters<typeof startRedis>[0] = {},
): Promise<RedisServer> {
  const server = await startRedis(options);
  t.teardown(() => server.stop());
  return server;
}

export function changedTags({ changes }: LookAnswer): string[] | 'gap' {
  return changes === 'gap' ? changes : changes.map(({ tag }) => tag);
}

/** A process that has looked once and goes on with every poll of that clock. */
export async function redisProcess(
  t: Test,
  server: RedisServer,
  clock: ManualClock,
): Promise<{ generations: Generations; observer: CountingObserver; redis: Redis }> {
  const observer = new CountingObserver();
  const redis = await cacheRedis(t, server.url);
  const slot = new RedisControlSlot({ redis, prefix: 'dc:', clock, processId: newProcessId() });
  const generations = new Generations({ slot, clock, log: silentLog, observer });
  t.teardown(() => generations.stop());
  await generations.start();
  return { generations, observer, redis };
}
