import t from 'tap';
import {
  cacheRoom,
  deferred,
  FRESH_MS,
  GRACE_MS,
  requestOf,
  textOf,
  turns,
  versions,
} from '../../helpers/cache-room.js';

// ROOM_POLICY: fresh for 300 s, stale within grace until 360 s, stale-if-error until 900 s, deadline 30 s.

t.test(
  'given an expire, the value is stale from the instant it was learned and refreshed once',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const request = requestOf(versions());
    await cache.read(request);
    clock.advance(10_000);
    const expiredAtMs = clock.nowMs();
    await cache.invalidate(['panel'], 'expire');
    clock.advance(5);
    const readers = await Promise.all(Array.from({ length: 20 }, () => cache.read(request)));
    t.ok(readers.every(({ outcome }) => outcome === 'stale_hit'));
    t.ok(readers.every(({ staleAtMs }) => staleAtMs === expiredAtMs));
    await cache.settled();
    t.equal(request.loadsCount, 2);
    const fresh = await cache.read(request);
    t.equal(fresh.outcome, 'hit');
    t.match(textOf(fresh), /^v2/);
  },
);

t.test('given an expire and no refresh, grace counts from it, however many follow', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(versions());
  await cache.read(request);
  // Nobody has read it of late, so nothing refreshes it by itself.
  clock.advance(60_000);
  await cache.invalidate(['panel'], 'expire');
  clock.advance(GRACE_MS - 1);
  await cache.invalidate(['panel'], 'expire');
  clock.advance(1);
  const answer = await cache.read(request);
  t.equal(answer.outcome, 'miss');
  t.match(textOf(answer), /^v2/);
});

t.test('given an expire of something stale already, it is stale since its own instant', async (t) => {
  const { cache, clock } = cacheRoom();
  const load = deferred<string>();
  let asked = 0;
  const request = requestOf(() => (++asked === 1 ? 'old' : load.promise));
  const first = await cache.read(request);
  clock.advance(FRESH_MS + 100);
  await cache.invalidate(['panel'], 'expire');
  const answer = await cache.read(request);
  t.equal(answer.outcome, 'stale_hit');
  t.equal(answer.staleAtMs, first.entry.staleAtMs);
  load.resolve('new');
  await cache.settled();
});

t.test(
  'given an expire during a load, later readers start another, and the first is only stale',
  async (t) => {
    const { cache } = cacheRoom();
    const loads = [deferred<string>(), deferred<string>()];
    let asked = 0;
    const request = requestOf(() => loads[asked++]?.promise ?? 'more');
    const early = cache.read(request);
    await turns();
    await cache.invalidate(['panel'], 'expire');
    const late = cache.read(request);
    await turns();
    t.equal(request.loadsCount, 2);
    loads[1]?.resolve('new');
    t.match(textOf(await late), /^new/);
    loads[0]?.resolve('old');
    t.match(textOf(await early), /^old/);
    const after = await cache.read(request);
    t.equal(after.outcome, 'hit');
    t.match(textOf(after), /^new/);
  },
);

t.test('given an expire during a load and nobody after it, the value is kept and stale', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  let asked = 0;
  const request = requestOf(() => (++asked === 1 ? load.promise : 'new'));
  const early = cache.read(request);
  await turns();
  await cache.invalidate(['panel'], 'expire');
  load.resolve('old');
  await early;
  const after = await cache.read(request);
  t.equal(after.outcome, 'stale_hit');
  await cache.settled();
  t.match(textOf(await cache.read(request)), /^new/);
});
