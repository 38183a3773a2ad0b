// A process with a cache over Redis, started and told what to do by cache-processes.ts.
import { Redis } from 'ioredis';
import { Cache } from '../../services/cache/cache.js';
import { Generations } from '../../services/cache/generations.js';
import { makeKey } from '../../services/cache/key.js';
import { ASK_SCRIPT } from '../../services/cache/lease-scripts.js';
import { MemoryStore } from '../../services/cache/memory-store.js';
import { silentObserver as observer } from '../../services/cache/observer.js';
import type { CachePolicy } from '../../services/cache/policy.js';
import { openRedisClient, redisReady } from '../../services/cache/redis-client.js';
import { RedisControlSlot } from '../../services/cache/redis-control-slot.js';
import { RedisStore } from '../../services/cache/redis-store.js';
import type { CacheRequest } from '../../services/cache/request.js';
import { newProcessId } from '../../services/cache/stamp.js';
import { systemClock as clock } from '../../services/clock.js';
import { silentLog as log } from '../../services/log.js';
import type { ReadAnswer, Setup, Task } from './cache-processes.js';
import { redisFillSignals } from './redis-fill-signals.js';

const setup: Setup = JSON.parse(process.argv[2] ?? '{}');
const prefix = 'dc:';
const redis = openRedisClient({ kind: 'single', url: setup.redisUrl }, log);
await redisReady(redis, 5000);
const slot = new RedisControlSlot({ redis, prefix, clock, processId: newProcessId() });
const generations = new Generations({ slot, clock, log, observer });
const ledger = { stored: () => {}, read: () => {} };
const store = new RedisStore({ redis, prefix, clock, observer, ledger });
// What the lease is worth is seen without it.
if (setup.grabsLeases)
  redis.defineCommand('dashcacheAsk', { lua: ASK_SCRIPT.replace(/^.*'held'.*$/m, ''), numberOfKeys: 3 });
const memory = new MemoryStore({ maxBytes: 16 * 1024 * 1024, clock, observer });
const listens = setup.hears ? { signals: await redisFillSignals(new Redis(setup.redisUrl)) } : {};
const cache = new Cache({
  memory,
  redis: store,
  generations,
  clock,
  observer,
  random: Math.random,
  ...listens,
});
await generations.start();

function requestOf(key: string, policy: CachePolicy): CacheRequest {
  return {
    key: makeKey(null, [key]),
    tags: ['all', `key ${key}`],
    policy,
    load: async (signal) => {
      const headers = { 'x-pid': String(process.pid) };
      return (await fetch(`${setup.sourceUrl}/${key}`, { signal, headers })).text();
    },
    render: (content) => content,
  };
}

async function read(request: CacheRequest): Promise<ReadAnswer> {
  const startedMs = performance.now();
  try {
    const { entry, outcome } = await cache.read(request);
    const text = String(await entry.body.bytes('identity'));
    return { text, outcome, tookMs: performance.now() - startedMs };
  } catch (error) {
    return { text: String(error), outcome: 'error', tookMs: performance.now() - startedMs };
  }
}

async function perform(task: Task): Promise<ReadAnswer[]> {
  if (task.do === 'purge') await cache.invalidate([`key ${task.key}`], 'purge');
  if (task.do === 'close') await cache.close(0);
  if (task.do !== 'read') return [];
  const request = requestOf(task.key, task.policy);
  return Promise.all(Array.from({ length: task.count }, () => read(request)));
}

process.on('message', ({ id, task }: { id: number; task: Task }) => {
  void perform(task).then((answers) => process.send?.({ id, answers }));
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, answers: [] });
