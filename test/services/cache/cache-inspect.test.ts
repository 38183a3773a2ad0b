import t from 'tap';
import { twoRooms } from '../../helpers/cache-redis-room.js';
import { cacheRoom, FRESH_MS, GRACE_MS, ROOM_POLICY, requestOf, turns } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';
import { ScriptedSlot } from '../../helpers/scripted-slot.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

t.test('given nothing stored, nothing is found and nothing loaded', async (t) => {
  const { cache, observer } = cacheRoom();
  const request = requestOf(() => 'x');
  t.same(await cache.inspect(request), {
    l1: null,
    l2: null,
    isSwitchedOff: false,
    isIsolated: false,
    leasedForMs: null,
  });
  t.equal(request.loadsCount, 0);
  t.equal(observer.count('operation:l1_read'), 0);
});

t.test('given an entry in memory, it is told how it stands at every age', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(() => 'x');
  const { entry } = await cache.read(request);
  for (const [ageMs, use] of [
    [0, 'fresh'],
    [FRESH_MS, 'stale'],
    [FRESH_MS + GRACE_MS, 'stale-if-error'],
    [FRESH_MS + ROOM_POLICY.staleIfErrorMs, 'unusable'],
  ] as const) {
    clock.advance(entry.storedAtMs + ageMs - clock.nowMs());
    const { l1, l2 } = await cache.inspect(request);
    t.same(l1, { entry, use, staleAtMs: entry.staleAtMs, isOverdue: false, verdict: 'current' });
    t.equal(l2, null);
  }
  t.equal(request.loadsCount, 1);
});

t.test('given an expire and then a purge, the verdict says so', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(() => 'x');
  const { entry } = await cache.read(request);
  clock.advance(1000);
  await cache.invalidate(['panel'], 'expire');
  t.match((await cache.inspect(request)).l1, {
    use: 'stale',
    staleAtMs: clock.nowMs(),
    verdict: 'expired',
  });
  await cache.invalidate(['panel'], 'purge');
  t.match((await cache.inspect(request)).l1, {
    use: 'unusable',
    staleAtMs: entry.staleAtMs,
    verdict: 'purged',
  });
});

t.test('given a switch that is off, it is told, and what is stored is told all the same', async (t) => {
  const { cache } = cacheRoom();
  const request = requestOf(() => 'x');
  await cache.read(request);
  await cache.switch('panel', false);
  t.match(await cache.inspect(request), { isSwitchedOff: true, l1: { use: 'fresh' } });
});

t.test(
  'given both layers, each copy is told; the ledger, the counts and memory stay as they are',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url);
    const [mine, theirs] = [requestOf(() => 'x'), requestOf(() => 'x')];
    const { entry } = await one.cache.read(mine);
    t.match(await one.cache.inspect(mine), {
      l1: { use: 'fresh', verdict: 'current' },
      l2: { use: 'fresh', verdict: 'current', staleAtMs: entry.staleAtMs, entry: { etag: entry.etag } },
    });
    t.match(await two.cache.inspect(theirs), { l1: null, l2: { use: 'fresh' } });
    t.equal(two.memory.entriesCount, 0);
    for (const room of [one, two]) t.same(room.noted, []);
    t.equal(two.observer.count('operation:l2_read'), 0);
    await one.redis.set(`dc:{${mine.key.hash}}:v`, 'no frame');
    t.equal((await two.cache.inspect(theirs)).l2, null);
    t.equal(two.observer.count('frame:magic'), 0);
  },
);

t.test('given a purge elsewhere and trust that has run out, it looks first', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  const [mine, theirs] = [requestOf(() => 'x'), requestOf(() => 'x')];
  await one.cache.read(mine);
  await two.cache.read(theirs);
  await one.cache.invalidate(['panel'], 'purge', { wait: false });
  clock.advance(1000);
  t.match(await two.cache.inspect(theirs), { l1: { verdict: 'purged' }, l2: { verdict: 'purged' } });
});

t.test('given a Redis that does not answer, memory alone is told', async (t) => {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  const { cache, clock } = cacheRoom({ slot });
  const request = requestOf(() => 'x');
  await cache.read(request);
  slot.auto = 'silent';
  clock.advance(1000);
  t.match(await cache.inspect(request), { l1: { use: 'fresh' }, l2: null, isIsolated: true });
  const never = { ...request, policy: { ...request.policy, unproven: 'never' as const } };
  t.match(await cache.inspect(never), { l1: { use: 'unusable', verdict: 'current' } });
});

t.test('given a frozen layer two, inspecting ends within its deadline', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { one, clock } = await twoRooms(t, server.url);
  const request = requestOf(() => 'x');
  await one.cache.read(request);
  server.freeze();
  t.teardown(() => server.thaw());
  const inspecting = one.cache.inspect(request);
  await turns();
  clock.advance(250);
  t.match(await inspecting, { l1: { use: 'fresh' }, l2: null });
  t.equal(one.observer.count('l2_failures'), 0);
});
