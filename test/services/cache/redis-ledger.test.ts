import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { RedisLedger } from '../../../services/cache/redis-ledger.js';
import { systemClock } from '../../../services/clock.js';
import { silentLog } from '../../../services/log.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { type RedisOptions, startRedis } from '../../helpers/redis-server.js';

const HOUR_MS = 3_600_000;

async function setUp(test: Test, options: { maxBytes?: number; redis?: RedisOptions } = {}) {
  const server = await startRedis(options.redis);
  const redis = new Redis(server.url, {
    commandTimeout: 1000,
    maxRetriesPerRequest: 1,
    retryStrategy: () => 50,
  });
  const admin = new Redis(server.adminUrl, { retryStrategy: () => 50 });
  for (const client of [redis, admin]) client.on('error', () => {});
  test.teardown(async () => {
    redis.disconnect();
    admin.disconnect();
    await server.stop();
  });
  await redis.ping();
  await admin.ping();
  const log = new RecordingLog();
  const ledger = () =>
    new RedisLedger({
      redis,
      prefix: 'dc:',
      clock: systemClock,
      log,
      maxBytes: options.maxBytes ?? 100_000_000,
    });
  const put = async (of: RedisLedger, hash: string, bytes: number, leftMs = HOUR_MS) => {
    await redis.set(`dc:{${hash}}:v`, randomBytes(bytes), 'PX', leftMs);
    of.stored(hash, bytes, Date.now() + leftMs);
  };
  return { server, redis, admin, log, ledger, put };
}

const newHash = () => randomBytes(24).toString('base64url');

t.test('entries of many sizes: the usage is within 15 % of what Redis itself reports', async (t) => {
  const { admin, ledger, put } = await setUp(t);
  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
  const one = ledger();
  await one.step();
  const before = await usedMemory();
  for (let i = 0; i < 3000; i++) await put(one, newHash(), 100 + Math.floor(Math.random() ** 4 * 20_000));
  for (let i = 0; i < 8; i++) await one.step();
  const used = (await usedMemory()) - before;
  const usage = one.usage();
  t.equal(usage?.entriesCount, 3000);
  const ratio = (usage?.totalBytes ?? 0) / used;
  t.ok(ratio > 0.85 && ratio < 1.15, `told ${usage?.totalBytes}, used ${used}: ${ratio.toFixed(3)}`);
});

t.test('above the limit: the entries read longest ago go, until 90 % of it', async (t) => {
  const { redis, log, ledger, put } = await setUp(t, { maxBytes: 1_000_000 });
  const one = ledger();
  const rare = Array.from({ length: 100 }, newHash);
  const often = Array.from({ length: 60 }, newHash);
  for (const hash of [...often, ...rare]) await put(one, hash, 4500);
  await one.step();
  t.equal(one.usage()?.entriesCount, 160, 'below the limit nothing goes');
  await sleep(5);
  for (const hash of often) one.read(hash);
  await one.step();
  for (let i = 0; i < 40; i++) await put(one, newHash(), 4500);
  await one.step();
  const usage = one.usage();
  t.ok(usage && usage.totalBytes <= 900_000, `holds ${usage?.totalBytes}`);
  t.ok(usage && usage.totalBytes > 850_000, 'no more went than had to');
  const left = await Promise.all(often.map((hash) => redis.exists(`dc:{${hash}}:v`)));
  t.equal(left.filter(Boolean).length, 60, 'what is read stays, although it is the oldest');
  const rareLeft = await Promise.all(rare.map((hash) => redis.exists(`dc:{${hash}}:v`)));
  t.ok(rareLeft.filter(Boolean).length < 70, 'what nobody read went');
  t.equal((await redis.keys('dc:*:v')).length, usage?.entriesCount, 'ledger and Redis agree');
  t.match(log.lines.at(-1), { level: 'info', message: /rarely read entries were removed/ });
});

t.test('expired and evicted entries: leave the ledger', async (t) => {
  const { redis, ledger, put } = await setUp(t);
  const one = ledger();
  const evicted = Array.from({ length: 700 }, newHash);
  for (const hash of evicted) await put(one, hash, 200);
  for (let i = 0; i < 50; i++) await put(one, newHash(), 200, 30);
  for (let i = 0; i < 10; i++) await put(one, newHash(), 200);
  await one.step();
  await sleep(40);
  await one.step();
  t.equal(one.usage()?.entriesCount, 710, 'those due are forgotten');
  await Promise.all(evicted.map((hash) => redis.del(`dc:{${hash}}:v`)));
  for (let i = 0; i < 4; i++) await one.step();
  t.equal(one.usage()?.entriesCount, 10, 'those that are missing are found slice by slice');
  const each = (one.usage()?.valuesBytes ?? 0) / 10;
  t.ok(each > 200 && each < 500, 'and the sum of bytes follows');
});

t.test('the same batch twice, and an entry stored again: counted once', async (t) => {
  const { redis, ledger, put } = await setUp(t);
  const one = ledger();
  const hash = newHash();
  await put(one, hash, 1000);
  await one.step();
  const first = one.usage()?.valuesBytes;
  await put(one, hash, 1000);
  await one.step();
  t.equal(one.usage()?.valuesBytes, first);
  await put(one, hash, 3000);
  await one.step();
  t.equal(one.usage()?.entriesCount, 1);
  t.ok((one.usage()?.valuesBytes ?? 0) - (first ?? 0) >= 2000);
  await redis.del(`dc:{${hash}}:v`);
  await one.step();
  t.equal(one.usage()?.valuesBytes, 0);
});

t.test('ledger lost while values stay: entries that are read come back into it', async (t) => {
  const { redis, ledger, put } = await setUp(t);
  const one = ledger();
  const hashes = Array.from({ length: 5 }, newHash);
  for (const hash of hashes) await put(one, hash, 500);
  await one.step();
  await redis.del('dc:{b}:bytes', 'dc:{b}:read', 'dc:{b}:delete');
  for (const hash of hashes.slice(0, 3)) one.read(hash);
  one.read(newHash());
  await one.step();
  await one.step();
  t.equal(one.usage()?.entriesCount, 3);
});

t.test('one of the three keys lost: its entries count as read just now', async (t) => {
  const { redis, ledger, put } = await setUp(t);
  const one = ledger();
  for (let i = 0; i < 5; i++) await put(one, newHash(), 500);
  await one.step();
  await redis.del('dc:{b}:read');
  await one.step();
  t.equal(await redis.zcard('dc:{b}:read'), 5);
});

t.test('two processes: one sweeps, both see the same usage; when it dies the other sweeps', async (t) => {
  const { redis, ledger, put } = await setUp(t);
  const [one, two] = [ledger(), ledger()];
  const hash = newHash();
  await put(one, hash, 500);
  await put(two, newHash(), 500);
  await one.step();
  await two.step();
  await one.step();
  t.equal(one.usage()?.entriesCount, 2);
  t.same(one.usage(), two.usage());
  const sweeper = await redis.get('dc:{b}:sweeper');
  await two.step();
  t.equal(await redis.get('dc:{b}:sweeper'), sweeper, 'the seat stays with its holder');
  await redis.del(`dc:{${hash}}:v`);
  await two.step();
  t.equal(two.usage()?.entriesCount, 2, 'who does not hold it does not sweep');
  await redis.pexpire('dc:{b}:sweeper', 1);
  await sleep(5);
  await two.step();
  t.not(await redis.get('dc:{b}:sweeper'), sweeper);
  t.equal(two.usage()?.entriesCount, 1);
});

t.test('an entry stored again while it is being removed: stays in the ledger', async (t) => {
  const { redis, ledger, put } = await setUp(t, { maxBytes: 10_000 });
  const [other, hash] = [ledger(), newHash()];
  let between = async () => {};
  const slowed = new Proxy(redis, {
    get(target, property) {
      if (property === 'unlink')
        return async (key: string) => {
          const count = await target.unlink(key);
          await between();
          return count;
        };
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const one = new RedisLedger({
    redis: slowed,
    prefix: 'dc:',
    clock: systemClock,
    log: silentLog,
    maxBytes: 10_000,
  });
  await one.step();
  await put(one, hash, 20_000);
  await sleep(5);
  between = async () => {
    between = async () => {};
    await put(other, hash, 1_000);
    await sleep(5);
    await other.step();
  };
  await one.step();
  t.equal(await redis.exists(`dc:{${hash}}:v`), 1);
  t.equal(one.usage()?.entriesCount, 1);
  t.ok((one.usage()?.valuesBytes ?? 0) > 1_000);
});

t.test('Redis frozen, then empty: nothing rejects, one warning, and it heals', async (t) => {
  const { server, redis, log, ledger, put } = await setUp(t);
  const one = ledger();
  await put(one, newHash(), 500);
  await one.step();
  server.freeze();
  one.stored(newHash(), 500, Date.now() + HOUR_MS);
  const startMs = performance.now();
  t.equal((await one.freshUsage())?.entriesCount, 1, 'as of the last step');
  t.ok(performance.now() - startMs < 900, 'without waiting for Redis');
  await one.step();
  await one.step();
  t.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
  server.thaw();
  await server.restart();
  while (redis.status !== 'ready') await sleep(20);
  const hash = newHash();
  await put(one, hash, 500);
  await one.step();
  t.equal(
    one.usage()?.entriesCount,
    1,
    'what was pending for the lost Redis does not exist and is found out',
  );
  await one.close();
});

t.test('a user limited to the prefix: may do all that the ledger does', async (t) => {
  const rules = ['~dc:*', '&dc:*', '+@all', '-@admin', '-@dangerous', '+info'];
  const { admin, log, ledger, put } = await setUp(t, {
    maxBytes: 20_000,
    redis: { user: { name: 'dashcache', password: 'secret', rules } },
  });
  await admin.set('foreign', 'kept');
  const one = ledger();
  for (let i = 0; i < 30; i++) await put(one, newHash(), 1000);
  await one.step();
  t.ok((one.usage()?.totalBytes ?? 0) <= 18_000);
  t.equal(log.lines.filter(({ level }) => level === 'warn').length, 0);
  t.equal(await admin.get('foreign'), 'kept');
});

t.test('a node of a Redis Cluster: no command crosses slots', async (t) => {
  const { admin, log, ledger, put } = await setUp(t, {
    maxBytes: 20_000,
    redis: { args: ['--cluster-enabled', 'yes'] },
  });
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
  while (!String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await sleep(20);
  const one = ledger();
  for (let i = 0; i < 30; i++) await put(one, newHash(), 1000);
  await one.step();
  t.ok((one.usage()?.totalBytes ?? 0) <= 18_000);
  t.ok((one.usage()?.entriesCount ?? 0) > 0);
  one.read(newHash());
  await one.step();
  t.equal(log.lines.filter(({ level }) => level === 'warn').length, 0);
});

t.test('started: a step every 3 s, and none after close', async (t) => {
  const { redis } = await setUp(t);
  const clock = new ManualClock();
  const one = new RedisLedger({ redis, prefix: 'dc:', clock, log: silentLog, maxBytes: 1_000_000 });
  await redis.set('dc:{aaaa}:v', Buffer.alloc(100), 'PX', HOUR_MS);
  one.start();
  one.stored('aaaa', 100, clock.nowMs() + HOUR_MS);
  clock.advance(2_999);
  t.equal(one.usage(), null);
  clock.advance(1);
  while (one.usage() === null) await sleep(2);
  t.equal(one.usage()?.entriesCount, 1);
  t.ok((await redis.pttl('dc:{b}:bytes')) > 0, 'nothing stays for ever');
  while (clock.pendingTimers !== 1) await sleep(2);
  one.stored('bbbb', 100, clock.nowMs() + HOUR_MS);
  await one.close();
  t.equal(clock.pendingTimers, 0);
  t.equal(await redis.hexists('dc:{b}:bytes', 'bbbb'), 1, 'what was pending is written');
  one.start();
  t.equal(clock.pendingTimers, 0);
});

t.test('what else the prefix holds: counts against the limit', async (t) => {
  const { redis, put } = await setUp(t);
  const one = new RedisLedger({
    redis,
    prefix: 'dc:',
    clock: systemClock,
    log: silentLog,
    maxBytes: 100_000,
    otherBytes: () => 60_000,
  });
  for (let i = 0; i < 40; i++) await put(one, newHash(), 1000);
  await one.step();
  const usage = one.usage();
  t.equal(usage?.otherBytes, 60_000);
  t.ok(usage && usage.valuesBytes + usage.ownBytes <= 30_000);
});

t.test('more notes than fit: bounded, and what is known is not forgotten', async (t) => {
  const { ledger } = await setUp(t);
  const one = ledger();
  const deleteAtMs = Date.now() + HOUR_MS;
  for (let i = 0; i < 10_500; i++) {
    one.stored(`hash${i}`, 100, deleteAtMs);
    one.read(`hash${i}`);
  }
  const redisOff = new RedisLedger({
    redis: new Redis({ lazyConnect: true }),
    prefix: 'dc:',
    clock: systemClock,
    log: silentLog,
    maxBytes: 1,
    otherBytes: () => 5,
  });
  await redisOff.step();
  t.equal(redisOff.usage(), null, 'without a connection nothing is claimed');
  await one.close();
  t.equal(one.usage()?.entriesCount, 10_000);
});
