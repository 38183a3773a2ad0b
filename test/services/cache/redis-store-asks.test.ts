import type { Redis } from 'ioredis';
import t from 'tap';
import { until } from '../../helpers/cache-redis.js';
import { redisRoom, sourcesOf, twoRooms } from '../../helpers/cache-redis-room.js';
import { deferred, requestOf } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';
import {
  entryOf,
  key,
  LEASE,
  nextStoreOn,
  purged,
  questionOf,
  STAMP,
  type StoreRoom,
  stored,
  storeOn,
  TTL_MS,
} from '../../helpers/store-room.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

/** How often Redis was asked to run a script, and how often for a frame, by what was asked meanwhile. */
async function sentBy(
  redis: Redis,
  run: () => Promise<unknown>,
): Promise<{ scripts: number; frames: number }> {
  await redis.config('RESETSTAT');
  await run();
  const told = await redis.info('commandstats');
  const callsOf = (name: string) => Number(told.match(new RegExp(`cmdstat_${name}:calls=(\\d+)`))?.[1] ?? 0);
  return { scripts: callsOf('eval') + callsOf('evalsha'), frames: callsOf('get') };
}

/** From now on a frame is asked for only after `meanwhile`, which begins when the script beside it is answered. */
function holdFrames({ redis }: Pick<StoreRoom, 'redis'>, meanwhile: () => Promise<unknown>): void {
  const scripts = redis as unknown as Record<'dashcacheAskBuffer', (...args: unknown[]) => Promise<unknown>>;
  const runScript = scripts.dashcacheAskBuffer.bind(redis);
  let script: Promise<unknown> = Promise.resolve();
  scripts.dashcacheAskBuffer = (...args) => {
    script = runScript(...args);
    return script;
  };
  const getBuffer = redis.getBuffer.bind(redis);
  redis.getBuffer = (async (name: string) => {
    await script;
    await meanwhile();
    return getBuffer(name);
  }) as typeof redis.getBuffer;
}

t.test(
  'given an entry that was seen, it is read without a script; where none was, nothing is asked',
  async (t) => {
    const at = await storeOn(t, shared.url);
    await stored(at);
    const read = async () =>
      t.match(await at.store.readSeen(key, STAMP), { keyHash: key.hash, stamp: STAMP });
    t.same(await sentBy(at.redis, read), { scripts: 0, frames: 1 }, 'who has stored it has seen it');
    const other = await nextStoreOn(t, shared.url, at.clock);
    const readNothing = async () => t.equal(await other.store.readSeen(key, STAMP), null);
    t.same(await sentBy(at.redis, readNothing), { scripts: 0, frames: 0 });
    const ask = async () => t.match(await other.store.ask(questionOf()), { is: 'entry' });
    t.same(await sentBy(at.redis, ask), { scripts: 1, frames: 1 }, 'the frame comes beside the script');
    t.match(await other.store.readSeen(key, STAMP), { keyHash: key.hash });
  },
);

t.test('given one that was seen and will not do by now, nothing is asked', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  const read = async () => t.equal(await at.store.readSeen(key, purged), null);
  t.same(await sentBy(at.redis, read), { scripts: 0, frames: 0 }, 'of other generations');
  at.clock.advance(TTL_MS);
  const readStale = async () => t.equal(await at.store.readSeen(key, STAMP), null);
  t.same(await sentBy(at.redis, readStale), { scripts: 0, frames: 0 });
  await stored(at);
  await at.store.remove(key);
  const readRemoved = async () => t.equal(await at.store.readSeen(key, STAMP), null);
  t.same(await sentBy(at.redis, readRemoved), { scripts: 0, frames: 0 });
});

t.test('given one that was seen and is there no longer, it is not expected again', async (t) => {
  const others: readonly [title: string, replace: (at: StoreRoom) => Promise<unknown>, faults: number][] = [
    ['gone', ({ redis, store }) => redis.del(store.nameOf(key.hash)), 0],
    ['broken', ({ redis, store }) => redis.set(store.nameOf(key.hash), 'no frame'), 1],
    [
      'of later generations',
      async ({ clock }) => stored(await nextStoreOn(t, shared.url, clock), { text: 'v2', stamp: purged }),
      0,
    ],
  ];
  for (const [title, replace, faults] of others)
    for (const readsBefore of [0, 2]) {
      const at = await storeOn(t, shared.url);
      await stored(at);
      for (let i = 0; i < readsBefore; i++) t.ok(await at.store.readSeen(key, STAMP));
      await replace(at);
      const read = async () => t.equal(await at.store.readSeen(key, STAMP), null, title);
      t.same(await sentBy(at.redis, read), { scripts: 0, frames: 1 }, title);
      t.same(await sentBy(at.redis, read), { scripts: 0, frames: 0 }, title);
      t.equal(at.observer.count('frame:magic'), faults, title);
    }
});

t.test('given one that begins as before, all of it is checked each time', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  for (let i = 0; i < 2; i++) t.ok(await at.store.readSeen(key, STAMP));
  const name = at.store.nameOf(key.hash);
  const frame = await at.redis.getBuffer(name);
  if (!frame) throw new Error('There is no frame');
  const last = frame.length - 1;
  frame.writeUInt8(frame.readUInt8(last) ^ 1, last);
  await at.redis.set(name, frame);
  t.equal(await at.store.readSeen(key, STAMP), null);
  t.equal(at.observer.count('frame:checksum'), 1);
});

t.test('given what fell out of memory, a reader has it of Redis in one round trip', async (t) => {
  const room = await redisRoom(t, shared.url);
  await room.redis.flushall();
  const request = requestOf(() => 'value');
  await room.cache.read(request);
  room.memory.remove(request.key.hash);
  const read = async () => t.hasStrict(await room.cache.read(request), { outcome: 'hit', layer: 'l2' });
  t.same(await sentBy(room.redis, read), { scripts: 0, frames: 1 });
  room.memory.remove(request.key.hash);
  await room.redis.del(`dc:{${request.key.hash}}:v`);
  t.hasStrict(await room.cache.read(request), { outcome: 'miss' });
  t.equal(request.loadsCount, 2, 'what is there no longer is loaded');
});

t.test('given a Redis that is away, nobody waits for it twice', async (t) => {
  const room = await redisRoom(t, shared.url);
  const request = requestOf(() => 'value');
  await room.cache.read(request);
  room.memory.remove(request.key.hash);
  room.redis.disconnect();
  await until(() => room.redis.status === 'end');
  t.hasStrict(await room.cache.read(request), { outcome: 'miss', stored: true });
  t.equal(room.observer.count('l2_failures'), 1);
});

t.test('given an asker who knows one, another in its place comes from the script', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at, { text: 'v1', stamp: purged });
  const known = await at.store.ask(questionOf());
  const other = await nextStoreOn(t, shared.url, at.clock);
  await at.store.end(key.hash, (await at.redis.get(LEASE)) ?? '', null);
  await stored(other, { text: 'v2' });
  const again = async () =>
    t.match(await at.store.ask(questionOf({ except: known?.mark ?? null })), {
      is: 'entry',
      entry: { stamp: STAMP },
    });
  t.same(await sentBy(at.redis, again), { scripts: 1, frames: 1 });
});

t.test('given one that is stored between the script and the frame, whoever was to wait has it', async (t) => {
  const at = await storeOn(t, shared.url);
  const other = await nextStoreOn(t, shared.url, at.clock);
  const holder = questionOf();
  await other.store.ask(holder);
  holdFrames(at, () => other.store.fill(entryOf(at.clock, 'v1'), holder.lease ?? ''));
  t.match(await at.store.ask(questionOf()), { is: 'held', entry: { keyHash: key.hash } });
});

t.test('given that, a reader is answered at once', async (t) => {
  const { one, two } = await twoRooms(t, shared.url);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  const reading = one.cache.read(mine);
  await until(() => mine.loadsCount === 1);
  holdFrames(two, async () => {
    load.resolve('value');
    await reading;
  });
  // Nobody tells him, and his clock stands still: who waits, waits for ever.
  t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l2' });
  t.equal(theirs.loadsCount, 0);
  t.equal(two.observer.count('lease_waits'), 0);
});
