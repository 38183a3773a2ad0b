import t from 'tap';
import { sourcesOf, twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
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
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const down = new Error('down');

t.test('given nothing stored, warming loads and keeps; given something fresh, it is a hit', async (t) => {
  const { cache, observer } = cacheRoom();
  const request = requestOf(versions());
  t.hasStrict(await cache.warm(request), { outcome: 'miss', stored: true });
  t.hasStrict(await cache.warm(request), { outcome: 'hit', layer: 'l1' });
  t.hasStrict(await cache.read(request), { outcome: 'hit' });
  t.same(request.causes, ['warming']);
  t.equal(observer.count('revalidations'), 0, 'nobody was answered with something stale');
});

for (const [what, ageMs] of [
  ['within grace', FRESH_MS],
  ['after grace', FRESH_MS + GRACE_MS],
] as const)
  t.test(`given something stale ${what}, warming waits for the fresh value`, async (t) => {
    const { cache, clock } = cacheRoom();
    const request = requestOf(versions(), { policy: { softDeadlineMs: 1 } });
    await cache.read(request);
    clock.advance(ageMs);
    const answer = await cache.warm(request);
    t.hasStrict(answer, { outcome: 'miss', stored: true });
    t.match(textOf(answer), /^v2/);
    t.same(request.causes, ['absent', 'warming']);
  });

t.test('given a load under way, warming joins it', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  const request = requestOf(() => load.promise);
  const reader = cache.read(request);
  await turns();
  const warming = cache.warm(request);
  load.resolve('value');
  t.hasStrict(await warming, { outcome: 'collapsed' });
  t.hasStrict(await reader, { outcome: 'miss' });
  t.equal(request.loadsCount, 1);
});

t.test('given a load that fails, warming rejects with its error, whatever is stale', async (t) => {
  const { cache, clock } = cacheRoom();
  let fails = true;
  const request = requestOf(() => (fails ? Promise.reject(down) : 'value'));
  await t.rejects(cache.warm(request), down);
  fails = false;
  clock.advance(1000);
  await cache.warm(request);
  clock.advance(FRESH_MS);
  fails = true;
  await t.rejects(cache.warm(request), down);
  t.hasStrict(await cache.read(request), { outcome: 'error_hit' }, 'the stale value is still there');
});

t.test('given the cache switched off, warming bypasses', async (t) => {
  const { cache, memory } = cacheRoom();
  await cache.switch('panel', false);
  t.hasStrict(await cache.warm(requestOf(() => 'x')), { outcome: 'bypass', stored: false });
  t.equal(memory.entriesCount, 0);
});

t.test('given something fresh in Redis, warming takes it; given something stale, it loads', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
  const [mine, theirs] = sourcesOf(
    () => 'old',
    () => 'new',
  );
  await one.cache.read(mine);
  t.hasStrict(await two.cache.warm(theirs), { outcome: 'hit', layer: 'l2' });
  two.memory.remove(theirs.key.hash);
  clock.advance(FRESH_MS);
  const answer = await two.cache.warm(theirs);
  t.hasStrict(answer, { outcome: 'miss', stored: true });
  t.match(await wholeTextOf(answer), /^new/);
  t.same(theirs.causes, ['warming']);
});

t.test(
  'given readers content with what is stale in Redis, who warms with them waits for the fresh value',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
    const load = deferred<string>();
    const [mine, theirs] = sourcesOf(
      () => 'old',
      () => load.promise,
    );
    await one.cache.read(mine);
    clock.advance(FRESH_MS);
    await two.generations.prove(theirs.tags);
    const [reader, warming] = [two.cache.read(theirs), two.cache.warm(theirs)];
    t.hasStrict(await reader, { outcome: 'stale_hit', layer: 'l2' });
    load.resolve('new');
    t.match(await wholeTextOf(await warming), /^new/);
    t.equal(theirs.loadsCount, 1);
  },
);

t.test('given loads of every kind, each is told why it is needed', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(versions());
  const refresh = async (): Promise<void> => {
    await cache.read(request);
    await cache.settled();
  };
  await refresh();
  clock.advance(FRESH_MS);
  await refresh();
  // A refresh of one key may follow another.
  clock.advance(200);
  await cache.invalidate(['panel'], 'expire');
  await refresh();
  await cache.invalidate(['panel'], 'purge');
  await refresh();
  await cache.bypass(request);
  t.same(request.causes, ['absent', 'stale', 'expired', 'purged', 'bypass']);
});
