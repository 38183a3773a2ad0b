import type { Test } from 'tap';
import type { Entry } from '../../services/cache/entry.js';
import { makeKey } from '../../services/cache/key.js';
import { makeEntry } from '../../services/cache/load.js';
import {
  closeRedisClient,
  openRedisClient,
  type RedisClient,
  redisReady,
} from '../../services/cache/redis-client.js';
import { RedisLedger } from '../../services/cache/redis-ledger.js';
import { RedisStore } from '../../services/cache/redis-store.js';
import type { RedisTopology } from '../../services/cache/redis-topology.js';
import { systemClock as clock } from '../../services/clock.js';
import { silentLog as log } from '../../services/log.js';
import { RedisHistory } from '../../services/statistics/redis-history.js';
import { CountingObserver, requestOf } from './cache-room.js';

export interface RedisParts {
  readonly client: RedisClient;
  readonly store: RedisStore;
  readonly ledger: RedisLedger;
  readonly history: RedisHistory;
  readonly observer: CountingObserver;
}

/** All that holds something in Redis beside the control slot, as a service puts it together, in real time. */
export async function redisParts(t: Test, topology: RedisTopology): Promise<RedisParts> {
  const client = openRedisClient(topology, log);
  t.teardown(() => closeRedisClient(client));
  await redisReady(client, 5000);
  const shared = { redis: client, prefix: 'dc:', clock };
  const observer = new CountingObserver();
  const ledger = new RedisLedger({ ...shared, log, maxBytes: 100_000_000 });
  const store = new RedisStore({ ...shared, observer, ledger });
  return { client, store, ledger, history: new RedisHistory(shared), observer };
}

/** An entry of a key that goes by that name. */
export function namedEntry(name: string): Promise<Entry> {
  const request = requestOf(() => '', { parts: [name] });
  const stamp = { root: 'root', generations: [] };
  return makeEntry({
    request,
    content: name,
    stamp,
    previous: null,
    nowMs: clock.nowMs(),
    random: () => 0,
  });
}

/** The key of `namedEntry`. */
export function namedKey(name: string) {
  return makeKey(null, [name]);
}
