import t from 'tap';
import { begun, turning, waits } from '../../helpers/cache-lease.js';
import { until } from '../../helpers/cache-redis.js';
import { redisRoom, sourcesOf, twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
import { deferred, FRESH_MS, GRACE_MS, requestOf } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const hears = { hears: true };

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

t.test('given a purge during a load, a later reader of the same process takes the lease over', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, hears);
  const [old, current] = [deferred<string>(), deferred<string>()];
  const [mine, later] = sourcesOf(
    () => old.promise,
    () => current.promise,
  );
  const { reading } = await begun(one, mine);
  await one.cache.invalidate(['panel'], 'purge', { wait: false });
  const { reading: next } = await begun(one, later);
  const other = two.cache.read(later);
  await waits(two);
  current.resolve('new');
  t.hasStrict(await next, { outcome: 'miss', stored: true });
  old.resolve('old');
  t.hasStrict(await reading, { outcome: 'miss', stored: false });
  t.hasStrict(await other, { outcome: 'collapsed' });
  t.match(await wholeTextOf(await one.cache.read(mine)), /^new/);
  t.equal(mine.loadsCount + later.loadsCount, 2);
});

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

t.test(
  'given an entry that expired here longer ago than its grace, Redis cannot know, and it is loaded',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
    const [mine, theirs] = sourcesOf(
      () => 'old',
      () => 'new',
    );
    await one.cache.read(mine);
    await two.generations.prove(theirs.tags);
    await two.cache.invalidate(['panel'], 'expire', { wait: false });
    clock.advance(GRACE_MS);
    t.hasStrict(await two.cache.read(theirs), { outcome: 'miss', stored: true });
    t.same(theirs.causes, ['expired']);
  },
);
