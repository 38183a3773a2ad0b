import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { createResultCache, type ResultCacheOptions } from '../../../result-cache.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { startCluster } from '../../helpers/redis-cluster.js';
import { startSentinel } from '../../helpers/redis-sentinel.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';
import { counted, until } from '../../helpers/result-room.js';

async function redisServer(t: Test): Promise<RedisServer> {
  const server = await startRedis();
  t.teardown(() => server.stop());
  return server;
}

/** One process: its own cache on a shared Redis, wrapping its own copy of the function. */
function processOn(t: Test, redisUrl: string, options: ResultCacheOptions = {}) {
  return processWith(t, { redisUrl, ...options });
}

function processWith(t: Test, options: ResultCacheOptions) {
  const cache = createResultCache({ random: () => 0, ...options });
  t.teardown(() => cache.close());
  const fn = counted(async (siteId: number) => ({ siteId, at: new Date(0), sizes: new Map([[siteId, 1n]]) }));
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'totals' });
  return { cache, fn, cached };
}

t.test('what one process cached answers the other', async (t) => {
  const server = await redisServer(t);
  const one = processOn(t, server.url);
  const two = processOn(t, server.url);
  const result = await one.cached(7);
  t.same(await two.cached(7), result);
  t.same([one.fn.runs.length, two.fn.runs.length], [1, 0]);
  t.match(two.cache.getCacheStats(), { hits: 1, misses: 0 });
});

for (const value of [null, undefined, false, 0, ''])
  t.test(`${JSON.stringify(value) ?? 'undefined'} is cached for all processes`, async (t) => {
    const server = await redisServer(t);
    const [one, two] = [processOn(t, server.url), processOn(t, server.url)];
    const fn = counted(async () => value);
    const options = { ttl: '5m', keyPrefix: 'empty' } as const;
    t.equal(await one.cache.cacheResult(fn, options)(), value);
    t.equal(await two.cache.cacheResult(fn, options)(), value);
    t.equal(fn.runs.length, 1);
  });

t.test('a large result comes through Redis whole', async (t) => {
  const server = await redisServer(t);
  const [one, two] = [processOn(t, server.url), processOn(t, server.url)];
  const rows = Array.from({ length: 5000 }, (_, id) => ({ id, name: `Site ${id} \u00e9\ud83d\ude00` }));
  const fn = counted(async () => rows);
  const options = { ttl: '5m', keyPrefix: 'rows' } as const;
  await one.cache.cacheResult(fn, options)();
  t.same(await two.cache.cacheResult(fn, options)(), rows);
  t.equal(fn.runs.length, 1);
});

t.test('invalidate holds in the other process, for that call alone', async (t) => {
  const server = await redisServer(t);
  const [one, two] = [processOn(t, server.url), processOn(t, server.url)];
  for (const siteId of [7, 8]) {
    await one.cached(siteId);
    await two.cached(siteId);
  }
  t.equal(two.fn.runs.length, 0);
  await one.cached.invalidate(7);
  t.ok(
    await until(async () => {
      await two.cached(7);
      return two.fn.runs.length > 0;
    }, 2000),
    'in force there within a second',
  );
  await two.cached(8);
  t.same(two.fn.runs, [[7]]);
});

t.test('invalidateAll holds in the other process, for every call', async (t) => {
  const server = await redisServer(t);
  const [one, two] = [processOn(t, server.url), processOn(t, server.url)];
  const other = counted(async () => 1);
  const cachedOther = two.cache.cacheResult(other, { ttl: '5m', keyPrefix: 'other' });
  await cachedOther();
  await one.cached(7);
  await one.cached(8);
  await two.cached(7);
  await one.cached.invalidateAll();
  t.ok(
    await until(async () => {
      await two.cached(7);
      return two.fn.runs.length > 0;
    }, 2000),
  );
  await two.cached(8);
  await cachedOther();
  t.same(two.fn.runs, [[7], [8]]);
  t.equal(other.runs.length, 1);
});

t.test('without a Redis that answers nothing changes for callers, and the log tells', async (t) => {
  const log = new RecordingLog();
  const { cache, cached, fn } = processOn(t, 'redis://user:secret@127.0.0.1:1', { log });
  const startedMs = performance.now();
  t.match(await cached(7), { siteId: 7 });
  t.match(await cached(7), { siteId: 7 });
  t.ok(performance.now() - startedMs < 2000);
  t.equal(fn.runs.length, 1, 'memory goes on');
  await t.rejects(cached.invalidate(7), /holds in this process/, 'an invalidation says how far it came');
  await cached(7);
  t.equal(fn.runs.length, 2, 'and holds here');
  t.ok(log.lines.some(({ level, message }) => level === 'warn' && /Redis does not answer/.test(message)));
  t.notMatch(JSON.stringify(log.lines), 'secret');
  const closingMs = performance.now();
  await cache.close();
  t.ok(performance.now() - closingMs < 2000);
});

t.test('a Redis that freezes, dies and comes back changes nothing for callers', async (t) => {
  const server = await redisServer(t);
  const [one, two] = [processOn(t, server.url), processOn(t, server.url)];
  await one.cached(7);
  server.freeze();
  t.match(await one.cached(8), { siteId: 8 });
  t.match(await two.cached(7), { siteId: 7 });
  server.thaw();
  await server.kill();
  t.match(await one.cached(9), { siteId: 9 });
  await server.restart();
  let siteId = 10;
  t.ok(
    await until(async () => {
      siteId++;
      await one.cached(siteId);
      const before = two.fn.runs.length;
      await two.cached(siteId);
      return two.fn.runs.length === before;
    }),
    'they share again',
  );
});

t.test('in Redis everything lies under the prefix and results:, and is accounted for', async (t) => {
  const server = await redisServer(t);
  const { cache, cached } = processOn(t, server.url, { redisPrefix: 'mine:' });
  await cached(7);
  await cache.close();
  const redis = new Redis(server.url);
  t.teardown(() => redis.disconnect());
  const names = await redis.keys('*');
  t.same(
    names.filter((name) => !name.startsWith('mine:results:')),
    [],
  );
  t.equal(names.filter((name) => name.endsWith(':v')).length, 1);
  t.ok(names.includes('mine:results:{b}:bytes'), 'the ledger was written at the latest by the close');
});

const TOPOLOGIES: Readonly<Record<string, (t: Test) => Promise<ResultCacheOptions>>> = {
  async 'under Sentinel'(t) {
    const redis = await startSentinel({ password: 'of the servers', sentinelPassword: 'of all' });
    t.teardown(() => redis.stop());
    const hosts = redis.sentinels.map(({ host, port }) => `${host}:${port}`).join();
    const secrets = {
      servers: encodeURIComponent('of the servers'),
      sentinels: encodeURIComponent('of all'),
    };
    return {
      redisSentinels: `redis://:${secrets.servers}@${hosts}/${redis.name}?sentinel_password=${secrets.sentinels}`,
    };
  },
  async 'in a Cluster'(t) {
    const redis = await startCluster({ password: 'secret' });
    t.teardown(() => redis.stop());
    return { redisCluster: `:secret@${redis.nodes.map(({ host, port }) => `${host}:${port}`).join()}` };
  },
};

for (const [title, start] of Object.entries(TOPOLOGIES))
  t.test(
    `${title} what one process cached answers the other, and what it invalidated does not`,
    async (t) => {
      const options = await start(t);
      const one = processWith(t, options);
      const two = processWith(t, options);
      for (let siteId = 0; siteId < 20; siteId++) t.same(await one.cached(siteId), await two.cached(siteId));
      t.same([one.fn.runs.length, two.fn.runs.length], [20, 0]);
      await one.cached.invalidate(7);
      await two.cached(7);
      await two.cached(8);
      t.same(two.fn.runs, [[7]], 'in force there when it is acknowledged');
    },
  );
