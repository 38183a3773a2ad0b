import t from 'tap';
import { twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
import {
  type CacheRoom,
  cacheRoom,
  deferred,
  requestOf,
  textOf,
  turns,
  versions,
} from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';
import { ScriptedSlot } from '../../helpers/scripted-slot.js';

t.test('given a tag that is switched off, its reads ask the source and keep nothing', async (t) => {
  const { cache, memory } = cacheRoom();
  const request = requestOf(versions());
  const other = requestOf(() => 'other', { parts: ['other'], tags: ['all', 'other'] });
  await cache.switch('panel', false);
  t.same([...cache.switches()], [['panel', true]]);
  t.equal(await cache.refreshSwitches(), true);
  for (const version of ['v1', 'v2']) {
    const answer = await cache.read(request);
    t.hasStrict(answer, { outcome: 'bypass', layer: 'source', stored: false });
    t.match(textOf(answer), version);
  }
  t.same(request.causes, ['bypass', 'bypass']);
  t.equal(memory.entriesCount, 0);
  await cache.read(other);
  t.equal((await cache.read(other)).outcome, 'hit', 'other tags use the cache');
  await cache.switch('panel', true);
  t.hasStrict(await cache.read(request), { outcome: 'miss', stored: true });
  t.hasStrict(await cache.read(request), { outcome: 'hit' });
});

t.test('given 50 readers of what is switched off, they share one load', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  const request = requestOf(() => load.promise);
  await cache.switch('panel', false);
  const readers = Array.from({ length: 50 }, () => cache.read(request));
  await turns();
  load.resolve('value');
  const answers = await Promise.all(readers);
  t.ok(answers.every(({ outcome }) => outcome === 'bypass'));
  t.equal(request.loadsCount, 1);
});

/** An entry is stored, the cache is off while the data changes, and on again. What a reader gets then. */
async function offWhileDataChanges({ cache }: CacheRoom): Promise<string> {
  let data = 'old';
  const request = requestOf(() => data);
  await cache.read(request);
  await cache.switch('panel', false);
  data = 'new';
  await cache.switch('panel', true);
  return textOf(await cache.read(request));
}

function scriptedRoom(): { room: CacheRoom; slot: ScriptedSlot } {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  return { room: cacheRoom({ slot }), slot };
}

t.test('given a cache that is on again, nothing from before it was off is served', async (t) => {
  t.match(await offWhileDataChanges(cacheRoom()), /^new/);
  const { room, slot } = scriptedRoom();
  // Its root is known for long: nobody else has to be waited for.
  await room.generations.refresh();
  room.clock.advance(slot.trustMs);
  t.match(await offWhileDataChanges(room), /^new/);
});

t.test('given a slot that switches on without the purge, the same check finds the old value', async (t) => {
  const { room, slot } = scriptedRoom();
  slot.truth.switchesWithoutPurge = true;
  await room.generations.refresh();
  room.clock.advance(slot.trustMs);
  t.match(await offWhileDataChanges(room), /^old/);
});

t.test('given a load begun before the cache was off, it answers its readers and nobody after', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  let asked = 0;
  const request = requestOf(() => (++asked === 1 ? load.promise : 'new'));
  const early = cache.read(request);
  await turns();
  await cache.switch('panel', false);
  t.match(textOf(await cache.read(request)), /^new/, 'a reader after it does not join');
  await cache.switch('panel', true);
  load.resolve('old');
  t.hasStrict(await early, { outcome: 'miss', stored: false });
  t.match(textOf(await early), /^old/);
  t.match(textOf(await cache.read(request)), /^new/);
});

t.test('given Redis and two processes, off and on hold in both, and old frames are gone', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { one, two, clock } = await twoRooms(t, server.url);
  let data = 'old';
  const [mine, theirs] = [requestOf(() => data), requestOf(() => data)];
  await one.cache.read(mine);
  t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l2' });
  const waitFor = async (enabled: boolean): Promise<void> => {
    const switched = one.cache.switch('panel', enabled);
    let isOver = false;
    switched.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      // What was asked is answered before time goes on: a slow machine meets no deadline of Redis.
      await Promise.all([one.redis.ping(), two.redis.ping()]);
      clock.advance(25);
    }
    t.match(await switched, { reach: 'primary', processesCount: 2 });
  };
  await waitFor(false);
  for (const [room, request] of [
    [one, mine],
    [two, theirs],
  ] as const)
    t.hasStrict(await room.cache.read(request), { outcome: 'bypass' });
  data = 'new';
  await waitFor(true);
  t.match(await wholeTextOf(await two.cache.read(theirs)), /^new/);
  t.match(await wholeTextOf(await one.cache.read(mine)), /^new/);
});
