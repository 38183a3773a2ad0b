import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { CacheAnswer } from '../../../services/cache/answer.js';
import { until } from '../../helpers/cache-redis.js';
import {
  type RedisRoom,
  redisRoom,
  sourcesOf,
  twoRooms,
  wholeTextOf,
} from '../../helpers/cache-redis-room.js';
import { deferred, FRESH_MS, requestOf, type ScriptedRequest } from '../../helpers/cache-room.js';
import type { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const hears = { hears: true };
const down = new DashcacheError('source_down', { detail: 'The source is down', retryAfterSeconds: 7 });

/** A read whose load has begun: it holds the lease. */
async function begun(
  { cache }: RedisRoom,
  request: ScriptedRequest,
): Promise<{ reading: Promise<CacheAnswer> }> {
  const reading = cache.read(request);
  reading.catch(() => {});
  await until(() => request.loadsCount > 0, 'the load');
  return { reading };
}

const waits = ({ observer }: RedisRoom) => until(() => observer.count('lease_waits') > 0, 'the wait');

/** Turns the clock slowly enough for answers of Redis to come in between. */
async function turning<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
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

t.test('given a load in one process, readers in another wait for it and get the same bytes', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  const { reading } = await begun(one, mine);
  await two.generations.prove(theirs.tags);
  const others = Array.from({ length: 20 }, () => two.cache.read(theirs));
  await waits(two);
  load.resolve('value');
  const miss = await reading;
  t.hasStrict(miss, { outcome: 'miss', stored: true });
  for (const answer of await Promise.all(others)) {
    t.hasStrict(answer, { outcome: 'collapsed', layer: 'source', stored: false });
    t.equal(answer.entry.etag, miss.entry.etag);
  }
  t.equal(theirs.loadsCount, 0);
  t.equal(two.observer.count('lease_waits'), 1, 'they wait together');
  t.equal(one.observer.count('leases_taken'), 1);
  t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l1' });
});

t.test('given nobody who tells, the other process asks again and finds it', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  const { reading } = await begun(one, mine);
  const other = two.cache.read(theirs);
  await waits(two);
  load.resolve('value');
  await reading;
  clock.advance(50);
  t.hasStrict(await other, { outcome: 'collapsed' });
  t.equal(theirs.loadsCount, 0);
});

t.test('given a reader whose own deadline comes first, he waits no longer', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const mine = requestOf(() => load.promise);
  const theirs = requestOf(() => 'never asked', { policy: { deadlineMs: 300 } });
  const { reading } = await begun(one, mine);
  const other = two.cache.read(theirs);
  other.catch(() => {});
  await waits(two);
  await t.rejects(turning(clock, other), { code: 'source_deadline' });
  t.equal(theirs.loadsCount, 0);
  load.resolve('value');
  t.hasStrict(await reading, { outcome: 'miss', stored: true });
  t.hasStrict(await two.cache.read(theirs), { outcome: 'hit' }, 'the next reader finds the value');
});

t.test(
  'given a purge during a load, a later reader elsewhere loads anew, and the old is refused',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url, hears);
    const [old, current] = [deferred<string>(), deferred<string>()];
    const [mine, theirs] = sourcesOf(
      () => old.promise,
      () => current.promise,
    );
    const { reading } = await begun(one, mine);
    await two.cache.invalidate(['panel'], 'purge', { wait: false });
    const { reading: other } = await begun(two, theirs);
    t.equal(two.observer.count('leases_overtaken'), 1);
    // This process has not heard of the purge, so only the lease stands between its value and Redis.
    old.resolve('old');
    t.hasStrict(await reading, { outcome: 'miss', stored: false }, 'whoever asked before is answered');
    t.equal(one.observer.count('refused_fills'), 1);
    t.equal(one.observer.count('leases_lost'), 1);
    current.resolve('new');
    t.hasStrict(await other, { outcome: 'miss', stored: true });
    const third = await redisRoom(t, shared.url);
    t.match(await wholeTextOf(await third.cache.read(mine)), /^new/);
  },
);

t.test('given a process that lags behind a purge, it looks, and joins the load of who knew', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  await two.generations.prove(theirs.tags);
  await one.cache.invalidate(['panel'], 'purge', { wait: false });
  const { reading } = await begun(one, mine);
  const other = two.cache.read(theirs);
  await waits(two);
  load.resolve('value');
  t.hasStrict(await other, { outcome: 'collapsed' });
  t.hasStrict(await reading, { outcome: 'miss', stored: true });
  t.equal(theirs.loadsCount, 0);
  t.equal(two.observer.count('leases_overtaken'), 0);
});

t.test('given a purge while others wait, they load once more for all who wait', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'new',
  );
  const { reading } = await begun(one, mine);
  const others = [two.cache.read(theirs), two.cache.read(theirs)];
  await waits(two);
  await one.cache.invalidate(['panel'], 'purge', { wait: false });
  await two.generations.refresh();
  load.resolve('old');
  t.hasStrict(await reading, { outcome: 'miss', stored: false });
  for (const answer of await Promise.all(others)) t.match(await wholeTextOf(answer), /^new/);
  t.equal(theirs.loadsCount, 1);
  t.match(await wholeTextOf(await one.cache.read(mine)), /^new/);
});

t.test(
  'given a load that fails, those who wait elsewhere get its error, and nobody asks for a second',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url, hears);
    const load = deferred<string>();
    const [mine, theirs] = sourcesOf(
      () => load.promise,
      () => 'never asked',
    );
    const { reading } = await begun(one, mine);
    const other = two.cache.read(theirs);
    other.catch(() => {});
    await waits(two);
    load.reject(down);
    const shape = { code: 'source_down', message: 'The source is down', retryAfterSeconds: 7 };
    await t.rejects(reading, shape);
    await t.rejects(other, shape);
    await t.rejects(two.cache.read(theirs), shape);
    t.equal(two.observer.count('shared_failures'), 1);
    const third = await redisRoom(t, shared.url, { clock });
    await t.rejects(third.cache.read(theirs), shape, 'also who comes a little later');
    t.equal(theirs.loadsCount, 0);
  },
);

t.test('given a load that fails and a value that may be served then, others serve it too', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url, hears);
  let load = deferred<string>();
  const policy = { graceMs: 0 };
  const mine = requestOf(() => load.promise, { policy });
  const theirs = requestOf(() => 'never asked', { policy });
  load.resolve('value');
  await one.cache.read(mine);
  clock.advance(FRESH_MS);
  load = deferred();
  const reading = one.cache.read(mine);
  await until(() => mine.loadsCount === 2, 'the load');
  const other = two.cache.read(theirs);
  await waits(two);
  load.reject(down);
  for (const answer of [await reading, await other]) {
    t.equal(answer.outcome, 'error_hit');
    t.match(await wholeTextOf(answer), /^value/);
  }
  t.equal(theirs.loadsCount, 0);
  t.equal(await one.redis.exists(`dc:{${mine.key.hash}}:v`), 1);
});

t.test(
  'given an error that is none of ours, it stays in its process: the other asks for itself',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url, hears);
    const load = deferred<string>();
    const own = new TypeError('thrown by a cached function');
    const [mine, theirs] = sourcesOf(
      () => load.promise,
      () => 'value',
    );
    const { reading } = await begun(one, mine);
    const other = two.cache.read(theirs);
    await waits(two);
    load.reject(own);
    await t.rejects(reading, own);
    t.hasStrict(await other, { outcome: 'miss' });
  },
);

t.test('given something stale in two processes, one of them refreshes it for both', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url, hears);
  let load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  load.resolve('old');
  await one.cache.read(mine);
  await two.cache.read(theirs);
  clock.advance(FRESH_MS);
  load = deferred();
  t.hasStrict(await one.cache.read(mine), { outcome: 'stale_hit' });
  await until(() => mine.loadsCount === 2, 'the refresh');
  t.hasStrict(await two.cache.read(theirs), { outcome: 'stale_hit' });
  await waits(two);
  load.resolve('new');
  await Promise.all([one.cache.settled(), two.cache.settled()]);
  for (const [room, request] of [[one, mine] as const, [two, theirs] as const]) {
    const answer = await room.cache.read(request);
    t.hasStrict(answer, { outcome: 'hit', layer: 'l1' });
    t.match(await wholeTextOf(answer), /^new/);
  }
  t.equal(theirs.loadsCount, 0);
  t.equal(two.observer.count('revalidations'), 0, 'who waited has loaded nothing');
});

t.test('given a load elsewhere, a warming waits for it', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  const { reading } = await begun(one, mine);
  const warming = two.cache.warm(theirs);
  await waits(two);
  load.resolve('value');
  await reading;
  t.hasStrict(await warming, { outcome: 'collapsed' });
  t.equal(theirs.loadsCount, 0);
});

t.test('given a value that is too large to hand over, the other process loads for itself', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url, hears);
  const small = await redisRoom(t, shared.url, { clock, maxBytes: 50_000 });
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'x'.repeat(50_000),
  );
  const { reading } = await begun(small, mine);
  const other = two.cache.read(theirs);
  await waits(two);
  load.resolve('x'.repeat(50_000));
  t.hasStrict(await reading, { outcome: 'miss', stored: false });
  t.hasStrict(await other, { outcome: 'miss', stored: true });
  t.equal(small.observer.count('too_large'), 1);
  t.equal(one.observer.count('loads'), 0);
});

t.test('given a process that closes, its lease is free and its readers are answered', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'by the other',
  );
  const { reading } = await begun(one, mine);
  const other = two.cache.read(theirs);
  await waits(two);
  const closing = one.cache.close(500);
  clock.advance(500);
  await closing;
  t.hasStrict(await other, { outcome: 'miss', stored: true });
  load.resolve('too late');
  t.hasStrict(await reading, { outcome: 'miss', stored: false });
  t.match(await wholeTextOf(await two.cache.read(theirs)), /^by the other/);
});

t.test(
  'given a lease that Redis lost, the holder notices at its beat, and its value is refused',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url, hears);
    const load = deferred<string>();
    const [mine, theirs] = sourcesOf(
      () => load.promise,
      () => 'new',
    );
    const { reading } = await begun(one, mine);
    await one.redis.del(`dc:{${mine.key.hash}}:l`);
    clock.advance(500);
    await until(() => one.observer.count('leases_lost') === 1, 'the beat');
    t.hasStrict(await two.cache.read(theirs), { outcome: 'miss', stored: true });
    load.resolve('old');
    t.hasStrict(await reading, { outcome: 'miss', stored: false });
    t.match(await wholeTextOf(await one.cache.read(mine)), /^new/);
  },
);

t.test('given beats, a load may take longer than the lease', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url, hears);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => load.promise,
    () => 'never asked',
  );
  const { reading } = await begun(one, mine);
  const other = two.cache.read(theirs);
  await waits(two);
  const lease = `dc:{${mine.key.hash}}:l`;
  // Shortened in Redis, so that it is the beat that keeps it.
  for (let beat = 0; beat < 3; beat++) {
    await one.redis.pexpire(lease, 1000);
    await turning(
      clock,
      until(async () => (await one.redis.pttl(lease)) > 1500, 'the beat'),
    );
  }
  load.resolve('value');
  t.hasStrict(await reading, { outcome: 'miss', stored: true });
  t.hasStrict(await other, { outcome: 'collapsed' });
});

for (const { title, afterMs, stored } of [
  { title: 'while nobody else can have loaded, the value is kept here', afterMs: 1999, stored: true },
  { title: 'for longer than the lease, nothing is kept', afterMs: 2000, stored: false },
])
  t.test(`given a Redis that goes away during a load, readers are answered; ${title}`, async (t) => {
    const server = await startRedis();
    t.teardown(() => server.stop());
    const room = await redisRoom(t, server.url);
    const load = deferred<string>();
    const { reading } = await begun(
      room,
      requestOf(() => load.promise),
    );
    await server.kill();
    await until(() => room.redis.status !== 'ready', 'the loss');
    room.clock.advance(afterMs);
    load.resolve('value');
    t.hasStrict(await reading, { outcome: 'miss', stored });
  });
