import t from 'tap';
import type { CacheRequest, LoadedContent } from '../../../services/cache/request.js';
import { twoRooms } from '../../helpers/cache-redis-room.js';
import { cacheRoom, FRESH_MS, GRACE_MS, requestOf } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';

/** A request whose load says of each content whether it may be kept; the last one stays. */
function keepingRequest(...loads: readonly LoadedContent[]): CacheRequest & { readonly loadsCount: number } {
  let loadsCount = 0;
  return {
    ...requestOf(() => 'never asked'),
    load: async () => {
      const loaded = loads[Math.min(loadsCount++, loads.length - 1)];
      if (!loaded) throw new Error('Nothing is scripted');
      return loaded;
    },
    get loadsCount() {
      return loadsCount;
    },
  };
}

const kept = { content: 'kept', keep: true };
const unkept = { content: 'for now', keep: false };

t.test('given a content that may not be kept, its readers share it and the next one loads', async (t) => {
  const { cache, memory, observer } = cacheRoom();
  const request = keepingRequest(unkept);
  const answers = await Promise.all([cache.read(request), cache.read(request), cache.read(request)]);
  t.same(
    answers.map(({ outcome, stored }) => [outcome, stored]),
    [
      ['miss', false],
      ['collapsed', false],
      ['collapsed', false],
    ],
  );
  t.equal(request.loadsCount, 1);
  t.equal(memory.read(request.key.hash), undefined);
  t.equal((await cache.read(request)).outcome, 'miss');
  t.equal(observer.count('too_large') + observer.count('refused_fills'), 0);
});

t.test('given a predecessor, it goes: old data does not outlive new', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = keepingRequest(kept, unkept);
  await cache.read(request);
  t.equal((await cache.read(request)).outcome, 'hit', 'the control: what may be kept is');
  clock.advance(FRESH_MS);
  t.equal((await cache.read(request)).outcome, 'stale_hit', 'served once more while it is refreshed');
  await cache.settled();
  t.hasStrict(await cache.read(request), { outcome: 'miss', stored: false });
});

t.test('given a predecessor in Redis, it goes for every process', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { one, two } = await twoRooms(t, server.url);
  const request = keepingRequest(kept, unkept);
  await one.cache.read(request);
  one.clock.advance(FRESH_MS + GRACE_MS);
  await one.cache.read(request);
  const other = keepingRequest(unkept);
  t.hasStrict(await two.cache.read(other), { outcome: 'miss', layer: 'source' });
  t.equal(other.loadsCount, 1);
});

t.test('given a switched-off cache, such a content is a bypass like any other', async (t) => {
  const { cache } = cacheRoom();
  const answer = await cache.bypass(keepingRequest(unkept));
  t.hasStrict(answer, { outcome: 'bypass', stored: false });
});
