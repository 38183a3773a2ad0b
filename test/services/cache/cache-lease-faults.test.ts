import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { newLeaseValue } from '../../../services/cache/lease-value.js';
import { newRoot } from '../../../services/cache/stamp.js';
import { begun, turning, waits } from '../../helpers/cache-lease.js';
import { until } from '../../helpers/cache-redis.js';
import { redisRoom, sourcesOf, twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
import { deferred, FRESH_MS, requestOf } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const hears = { hears: true };
const down = new DashcacheError('source_down', { detail: 'The source is down', retryAfterSeconds: 7 });

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

t.test('given leases of ever other generations, a reader loads by himself in the end', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  const request = requestOf(() => 'value');
  const lease = `dc:{${request.key.hash}}:l`;
  const takeLease = () =>
    one.redis.set(lease, newLeaseValue({ root: newRoot(), generations: [] }), 'PX', 5000);
  await takeLease();
  two.generations.refresh = async () => {
    await takeLease();
    return true;
  };
  t.hasStrict(await turning(clock, two.cache.read(request)), { outcome: 'miss', stored: true });
  t.equal(two.observer.count('leases_taken'), 0);
  t.equal(await one.redis.exists(`dc:{${request.key.hash}}:v`), 0, 'without a lease it stays here');
});

t.test('given a Redis that is full, it takes no lease: each process loads for itself', async (t) => {
  const server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
  t.teardown(() => server.stop());
  const room = await redisRoom(t, server.url);
  const request = requestOf(() => 'value');
  await room.generations.prove(request.tags);
  await room.redis.config('SET', 'maxmemory', '1');
  t.hasStrict(await room.cache.read(request), { outcome: 'miss', stored: true });
  t.equal(room.observer.count('l2_failures'), 1);
  t.hasStrict(await room.cache.read(request), { outcome: 'hit', layer: 'l1' });
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
