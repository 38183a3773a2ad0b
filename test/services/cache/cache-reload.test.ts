import t from 'tap';
import { sourcesOf, twoRooms } from '../../helpers/cache-redis-room.js';
import { cacheRoom, deferred, requestOf, textOf, turns, versions } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const down = new Error('down');

t.test(
  'given something fresh, a reload asks the source, and what it brings is what readers get from then on',
  async (t) => {
    const { cache } = cacheRoom();
    const request = requestOf(versions());
    await cache.read(request);
    const answer = await cache.reload(request);
    t.hasStrict(answer, { outcome: 'miss', stored: true, isReload: true });
    t.match(textOf(answer), /^v2/);
    t.match(textOf(await cache.read(request)), /^v2/);
    t.same(request.causes, ['absent', 'reload']);
  },
);

t.test('given 20 readers who reload at once, they share one load', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  const request = requestOf(() => load.promise);
  const readers = Array.from({ length: 20 }, () => cache.reload(request));
  await turns();
  load.resolve('value');
  const outcomes = (await Promise.all(readers)).map(({ outcome }) => outcome);
  t.equal(request.loadsCount, 1);
  t.same(outcomes, ['miss', ...Array.from({ length: 19 }, () => 'collapsed')]);
});

t.test(
  'given a reload under way, all who ask meanwhile share the next one: theirs began after they asked',
  async (t) => {
    const { cache } = cacheRoom();
    const loads = [deferred<string>(), deferred<string>()];
    let begun = 0;
    const request = requestOf(() => loads[begun++]?.promise ?? 'too many');
    const first = cache.reload(request);
    await turns();
    const later = Array.from({ length: 20 }, () => cache.reload(request));
    await turns();
    t.equal(request.loadsCount, 1, 'one at a time');
    loads[0]?.resolve('old');
    t.match(textOf(await first), /^old/);
    loads[1]?.resolve('new');
    for (const answer of await Promise.all(later)) t.match(textOf(answer), /^new/);
    t.equal(request.loadsCount, 2);
  },
);

t.test(
  'given a load of a reader that began before, a reload waits for its end and not for its value; a read joins it',
  async (t) => {
    const { cache } = cacheRoom();
    const loads = [deferred<string>(), deferred<string>()];
    let begun = 0;
    const request = requestOf(() => loads[begun++]?.promise ?? 'too many');
    const reader = cache.read(request);
    await turns();
    const reload = cache.reload(request);
    const joining = cache.read(request);
    await turns();
    t.equal(request.loadsCount, 1);
    loads[0]?.resolve('old');
    loads[1]?.resolve('new');
    t.match(textOf(await reader), /^old/);
    t.match(textOf(await joining), /^old/, 'the control: who may have what began before gets it');
    t.match(textOf(await reload), /^new/);
    t.match(textOf(await cache.read(request)), /^new/);
  },
);

t.test(
  'given a source that fails, a reload is answered with the error, and what was kept stays',
  async (t) => {
    const { cache } = cacheRoom();
    let fails = false;
    const request = requestOf(() => (fails ? Promise.reject(down) : 'value'));
    await cache.read(request);
    fails = true;
    await t.rejects(cache.reload(request), down);
    await t.rejects(cache.reload(request), down);
    t.equal(request.loadsCount, 2, 'the failure of a moment ago is shared');
    t.hasStrict(await cache.read(request), { outcome: 'hit' });
  },
);

t.test('given a switch that is off, a reload is a bypass', async (t) => {
  const { cache } = cacheRoom();
  await cache.switch('all', false);
  t.equal((await cache.reload(requestOf(versions()))).outcome, 'bypass');
});

t.test(
  'given an entry of another process in Redis, a reload loads anew, and the other process gets it',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url);
    const [ofOne, ofTwo] = sourcesOf(
      () => 'old',
      () => 'new',
    );
    await one.cache.read(ofOne);
    t.match(await String((await two.cache.reload(ofTwo)).outcome), 'miss');
    t.equal(ofTwo.loadsCount, 1);
    one.memory.remove(ofOne.key.hash);
    const found = await one.cache.read(ofOne);
    t.hasStrict(found, { outcome: 'hit', layer: 'l2' });
    t.match(String(await found.entry.body.bytes('identity')), /^new/);
  },
);

t.test('given a load of another process under way, a reload waits and then loads for itself', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, { hears: true });
  const load = deferred<string>();
  const [ofOne, ofTwo] = sourcesOf(
    () => load.promise,
    () => 'new',
  );
  const reader = one.cache.read(ofOne);
  while (ofOne.loadsCount === 0) await turns();
  const reload = two.cache.reload(ofTwo);
  while (two.observer.count('lease_waits') === 0) await turns();
  t.equal(ofTwo.loadsCount, 0, 'one load at a time over both');
  load.resolve('old');
  await reader;
  t.match(textOf(await reload), /^new/);
  t.equal(ofTwo.loadsCount, 1);
});
