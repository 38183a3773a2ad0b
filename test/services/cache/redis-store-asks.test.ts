import type { Redis } from 'ioredis';
import t from 'tap';
import { until } from '../../helpers/cache-redis.js';
import { redisRoom, sourcesOf } from '../../helpers/cache-redis-room.js';
import { deferred } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';
import {
  entryOf,
  key,
  LEASE,
  nextStoreOn,
  purged,
  questionOf,
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

/** From now on a frame is asked for only after `meanwhile`. */
function holdFrames({ redis }: Pick<StoreRoom, 'redis'>, meanwhile: () => Promise<unknown>): void {
  const getBuffer = redis.getBuffer.bind(redis);
  redis.getBuffer = (async (name: string) => {
    await meanwhile();
    return getBuffer(name);
  }) as typeof redis.getBuffer;
}

t.test('given an entry that was seen, it comes without a script', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  const ask = async () =>
    t.match(await at.store.ask(questionOf()), { is: 'entry', entry: { keyHash: key.hash } });
  t.same(await sentBy(at.redis, ask), { scripts: 0, frames: 1 }, 'who has stored it has seen it');
  const other = await nextStoreOn(t, shared.url, at.clock);
  const askOther = async () => t.match(await other.store.ask(questionOf()), { is: 'entry' });
  t.same(
    await sentBy(at.redis, askOther),
    { scripts: 1, frames: 1 },
    'who has not takes no second round trip',
  );
  t.same(await sentBy(at.redis, askOther), { scripts: 0, frames: 1 });
});

t.test('given one that was seen and will not do by now, the lease is taken in one round trip', async (t) => {
  for (const [title, question, afterMs] of [
    ['purged', questionOf({ stamp: purged }), 0],
    ['stale', questionOf(), TTL_MS],
  ] as const) {
    const at = await storeOn(t, shared.url);
    await stored(at);
    at.clock.advance(afterMs);
    const before = at.observer.count('operation:l2_read');
    t.match(await at.store.ask(question), { is: 'leased', entry: { keyHash: key.hash } }, title);
    t.equal(at.observer.count('operation:l2_read') - before, 1, title);
  }
});

t.test('given one that was seen and is there no longer, the lease is taken in a second', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  await at.redis.del(at.store.nameOf(key.hash));
  const before = at.observer.count('operation:l2_read');
  const question = questionOf();
  t.match(await at.store.ask(question), { is: 'leased', entry: null });
  t.equal(at.observer.count('operation:l2_read') - before, 2);
  t.equal(await at.redis.get(LEASE), question.lease);
  await at.store.ask(question);
  t.equal(at.observer.count('operation:l2_read') - before, 3, 'it is not expected again');
});

t.test('given one that was seen and taken away here, it is not expected', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  await at.store.remove(key);
  const before = at.observer.count('operation:l2_read');
  t.match(await at.store.ask(questionOf()), { is: 'leased', entry: null });
  t.equal(at.observer.count('operation:l2_read') - before, 1);
});

t.test('given another in its place, what it is worth is asked of the script', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  const other = await nextStoreOn(t, shared.url, at.clock);
  await stored(other, { text: 'v2', stamp: purged });
  t.match(
    await at.store.ask(questionOf()),
    { is: 'leased', entry: { stamp: purged } },
    'of later generations',
  );
  await at.redis.del(LEASE);
  await stored(at, { text: 'v3' });
  await at.redis.set(at.store.nameOf(key.hash), 'no frame');
  t.match(await at.store.ask(questionOf()), { is: 'leased', entry: null, mark: Buffer.from('?') });
  t.equal(at.observer.count('frame:magic'), 1, 'one that cannot be believed comes once');
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
  const [one, two] = [await redisRoom(t, shared.url), await redisRoom(t, shared.url)];
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
