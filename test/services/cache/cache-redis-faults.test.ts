import t from 'tap';
import { makeKey } from '../../../services/cache/key.js';
import { until } from '../../helpers/cache-redis.js';
import { redisRoom, sourcesOf, twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
import { deferred, requestOf, turns } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';
import { ScriptedSlot } from '../../helpers/scripted-slot.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

t.test('given FLUSHDB, nothing from before is served once trust has run out', async (t) => {
  const { one, clock } = await twoRooms(t, shared.url);
  let version = 0;
  const request = requestOf(() => `v${++version}`);
  await one.cache.read(request);
  await one.redis.flushdb();
  clock.advance(1000);
  t.match(await wholeTextOf(await one.cache.read(request)), /^v2/);
});

t.test('given a frame that was tampered with, it is a miss, counted, and written anew', async (t) => {
  const { one, two } = await twoRooms(t, shared.url);
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => 'value again',
  );
  await one.cache.read(mine);
  await one.redis.setrange(`dc:{${mine.key.hash}}:v`, 60, 'x');
  t.hasStrict(await two.cache.read(theirs), { outcome: 'miss' });
  t.equal(two.observer.count('frame:checksum'), 1);
  const third = await redisRoom(t, shared.url);
  t.hasStrict(await third.cache.read(mine), { outcome: 'hit', layer: 'l2' });
});

t.test('given a value too large to keep, it is not written to Redis either', async (t) => {
  const room = await redisRoom(t, shared.url, { maxBytes: 50_000 });
  await room.redis.flushall();
  const request = requestOf(() => 'x'.repeat(50_000));
  t.hasStrict(await room.cache.read(request), { outcome: 'miss', stored: false });
  t.same(await room.redis.keys('dc:{?*}:v'), []);
});

t.test(
  'given a purge during a load, the frame that another process wrote since is not overwritten',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url);
    const load = deferred<string>();
    const [mine, theirs] = sourcesOf(
      () => load.promise,
      () => 'new',
    );
    const early = one.cache.read(mine);
    await until(() => mine.loadsCount === 1);
    await one.cache.invalidate(['panel'], 'purge', { wait: false });
    await two.cache.read(theirs);
    load.resolve('old');
    t.hasStrict(await early, { outcome: 'miss', stored: false });
    const third = await redisRoom(t, shared.url);
    const answer = await third.cache.read(mine);
    t.hasStrict(answer, { outcome: 'hit', layer: 'l2' });
    t.match(await wholeTextOf(answer), /^new/);
  },
);

t.test('given hits in either layer, the ledger knows what is in use', async (t) => {
  const { one, two } = await twoRooms(t, shared.url);
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => '',
  );
  await one.cache.read(mine);
  t.same(one.noted, []);
  await one.cache.read(mine);
  t.same(one.noted, [mine.key.hash]);
  await two.cache.read(theirs);
  await two.cache.read(theirs);
  t.same(two.noted, [mine.key.hash, mine.key.hash]);
});

t.test(
  'given a Redis that freezes, warm reads go on, and a cold one waits for it within its deadlines',
  async (t) => {
    const server = await startRedis();
    t.teardown(() => server.stop());
    const room = await redisRoom(t, server.url);
    const { cache, clock } = room;
    const [warm, cold] = [requestOf(() => 'warm'), requestOf(() => 'cold', { parts: ['cold'] })];
    await cache.read(warm);
    server.freeze();
    t.hasStrict(await cache.read(warm), { outcome: 'hit', layer: 'l1' });
    const reader = cache.read(cold);
    await turns();
    clock.advance(250);
    t.hasStrict(await reader, { outcome: 'miss', stored: true }, 'without a lease: for this process alone');
    t.equal(cold.loadsCount, 1);
    t.equal(room.observer.count('l2_failures'), 1);
    clock.advance(1000);
    const isolated = cache.read(warm);
    await turns();
    clock.advance(200);
    t.hasStrict(await isolated, { outcome: 'unproven_hit' });
    t.hasStrict(await cache.read(cold), { outcome: 'unproven_hit' });
    const alone = requestOf(() => 'alone', { parts: ['alone'] });
    t.hasStrict(await cache.read(alone), { outcome: 'miss', stored: true }, 'nobody asks a silent Redis');
    server.thaw();
    await until(() => room.redis.status === 'ready');
    t.equal(
      await room.redis.exists(`dc:{${makeKey(null, ['alone']).hash}}:v`),
      0,
      'unproven values stay here',
    );
  },
);

t.test(
  'given isolation, layer two is neither asked nor told: nobody could say what it is worth',
  async (t) => {
    const slot = new ScriptedSlot();
    slot.auto = 'answer';
    const room = await redisRoom(t, shared.url, { slot });
    await room.redis.flushall();
    const stored = requestOf(() => 'stored', { parts: ['stored'] });
    await room.cache.read(stored);
    t.equal((await room.redis.keys('dc:{?*}:v')).length, 1);
    room.memory.remove(stored.key.hash);
    slot.auto = 'silent';
    room.clock.advance(1000);
    await room.generations.prove([]);
    const reads = room.observer.count('operation:l2_read');
    t.hasStrict(await room.cache.read(stored), { outcome: 'miss', stored: true });
    const cold = requestOf(() => 'cold', { parts: ['cold'], tags: ['all', 'cold'] });
    t.hasStrict(await room.cache.read(cold), { outcome: 'miss', stored: true });
    t.equal(room.observer.count('operation:l2_read'), reads);
    t.equal(room.observer.count('l2_writes'), 1);
  },
);
