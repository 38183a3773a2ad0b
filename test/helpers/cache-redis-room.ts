import type { Redis } from 'ioredis';
import type { Test } from 'tap';
import type { CacheAnswer } from '../../services/cache/answer.js';
import { RedisControlSlot } from '../../services/cache/redis-control-slot.js';
import { RedisStore } from '../../services/cache/redis-store.js';
import { newProcessId } from '../../services/cache/stamp.js';
import { cacheRedis } from './cache-redis.js';
import {
  type CacheRoom,
  CountingObserver,
  cacheRoom,
  type RoomOptions,
  requestOf,
  type ScriptedRequest,
} from './cache-room.js';
import { ManualClock } from './manual-clock.js';
import { redisFillSignals } from './redis-fill-signals.js';

export interface RedisRoom extends CacheRoom {
  readonly redis: Redis;
  /** Keys that the ledger was told were read. */
  readonly noted: string[];
}

/** A process of its own on that Redis: its own connection, memory and knowledge. Its polls begin with `generations.start()`. */
export async function redisRoom(
  t: Test,
  url: string,
  options: Omit<RoomOptions, 'redis'> = {},
): Promise<RedisRoom> {
  const redis = await cacheRedis(t, url);
  const clock = options.clock ?? new ManualClock();
  const observer = options.observer ?? new CountingObserver();
  const noted: string[] = [];
  const ledger = { stored: () => {}, read: (keyHash: string) => void noted.push(keyHash) };
  const slot =
    options.slot ?? new RedisControlSlot({ redis, prefix: 'dc:', clock, processId: newProcessId() });
  const store = new RedisStore({ redis, prefix: 'dc:', clock, observer, ledger });
  const room = cacheRoom({ ...options, clock, observer, slot, redis: store });
  t.teardown(() => room.generations.stop());
  return { ...room, redis, noted };
}

/** Two processes on one empty Redis and one clock; with `hears` they are told at once when a load of the other ends. */
export async function twoRooms(
  t: Test,
  url: string,
  { hears = false }: { hears?: boolean } = {},
): Promise<{ one: RedisRoom; two: RedisRoom; clock: ManualClock }> {
  const clock = new ManualClock();
  const signalled = async () => (hears ? { signals: await redisFillSignals(await cacheRedis(t, url)) } : {});
  const one = await redisRoom(t, url, { clock, ...(await signalled()) });
  await one.redis.flushall();
  return { one, two: await redisRoom(t, url, { clock, ...(await signalled()) }), clock };
}

/** Requests for one key as two processes make them, each with its own source. */
export function sourcesOf(
  one: () => Promise<string> | string,
  two: () => Promise<string> | string,
): readonly [ScriptedRequest, ScriptedRequest] {
  return [requestOf(one), requestOf(two)];
}

/** The bytes of an answer as text, made of those that Redis has if need be. */
export async function wholeTextOf({ entry }: CacheAnswer): Promise<string> {
  return String(await entry.body.bytes('identity'));
}
