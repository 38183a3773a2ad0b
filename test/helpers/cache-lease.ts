import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheAnswer } from '../../services/cache/answer.js';
import { until } from './cache-redis.js';
import type { RedisRoom } from './cache-redis-room.js';
import type { ScriptedRequest } from './cache-room.js';
import type { ManualClock } from './manual-clock.js';

/** A read whose load has begun: it holds the lease. */
export async function begun(
  { cache }: RedisRoom,
  request: ScriptedRequest,
): Promise<{ reading: Promise<CacheAnswer> }> {
  const reading = cache.read(request);
  reading.catch(() => {});
  await until(() => request.loadsCount > 0, 'the load');
  return { reading };
}

/** Until the process waits for the load of another. */
export const waits = ({ observer }: RedisRoom) => until(() => observer.count('lease_waits') > 0, 'the wait');

/** Turns the clock slowly enough for answers of Redis to come in between. */
export async function turning<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  promise.then(over, over);
  while (!isOver) {
    clock.advance(10);
    await sleep(2);
  }
  return promise;
}
