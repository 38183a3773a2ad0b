import t from 'tap';
import { until } from '../../helpers/cache-redis.js';
import { sourcesOf, twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
import { FRESH_MS } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

t.test('given a stale value here and a fresh one in Redis, the refresh takes that one', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  let version = 0;
  const [mine, theirs] = sourcesOf(
    () => `v${++version}`,
    () => 'never asked',
  );
  await one.cache.read(mine);
  await two.cache.read(theirs);
  clock.advance(FRESH_MS);
  await one.cache.read(mine);
  await one.cache.settled();
  t.hasStrict(await two.cache.read(theirs), { outcome: 'stale_hit', layer: 'l1' });
  await two.cache.settled();
  t.equal(theirs.loadsCount, 0);
  const answer = await two.cache.read(theirs);
  t.hasStrict(answer, { outcome: 'hit', layer: 'l1' });
  t.match(await wholeTextOf(answer), /^v2/);
});

t.test('given a stale value here and the same in Redis, the refresh asks the source', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  const [mine, theirs] = sourcesOf(
    () => 'old',
    () => 'new',
  );
  await one.cache.read(mine);
  await two.cache.read(theirs);
  clock.advance(FRESH_MS);
  await two.cache.read(theirs);
  await two.cache.settled();
  t.equal(theirs.loadsCount, 1);
});

t.test(
  'given a purge in one process, the other never serves the old value once its trust has run out',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
    const [mine, theirs] = sourcesOf(
      () => 'old',
      () => 'new',
    );
    await one.cache.read(mine);
    t.hasStrict(await two.cache.read(theirs), { layer: 'l2' });
    await one.cache.invalidate(['panel'], 'purge', { wait: false });
    t.hasStrict(
      await two.cache.read(theirs),
      { outcome: 'hit', layer: 'l1' },
      'it trusts its memory for a second',
    );
    clock.advance(1000);
    const answer = await two.cache.read(theirs);
    t.equal(answer.outcome, 'miss', 'neither memory nor the frame in Redis is believed');
    t.match(await wholeTextOf(answer), /^new/);
  },
);

t.test('given an expire in one process, the other serves the old value stale within one poll', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  await two.generations.start();
  const [mine, theirs] = sourcesOf(
    () => 'old',
    () => 'new',
  );
  await one.cache.read(mine);
  await two.cache.read(theirs);
  await one.cache.invalidate(['panel'], 'expire', { wait: false });
  const looks = two.observer.count('looks');
  clock.advance(250);
  await until(() => two.observer.count('looks') > looks);
  t.hasStrict(await two.cache.read(theirs), { outcome: 'stale_hit', staleAtMs: clock.nowMs() });
  // Process one refreshes it as well: whichever came second waits for the other, by the clock.
  await until(async () => {
    clock.advance(50);
    return (await two.cache.read(theirs)).outcome === 'hit';
  });
});

t.test(
  'given equal content after a purge in a process that never had it, the bytes in Redis are renewed',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
    const [mine, theirs] = sourcesOf(
      () => 'same',
      () => 'same',
    );
    const first = await one.cache.read(mine);
    clock.advance(5000);
    await one.cache.invalidate(['panel'], 'purge', { wait: false });
    const renewed = await two.cache.read(theirs);
    t.equal(renewed.outcome, 'miss');
    t.equal(renewed.entry.etag, first.entry.etag);
    t.equal(renewed.entry.generatedAtMs, first.entry.generatedAtMs);
    t.equal(renewed.entry.storedAtMs, first.entry.storedAtMs + 5000);
    t.equal(two.observer.count('renewals'), 1);
  },
);
