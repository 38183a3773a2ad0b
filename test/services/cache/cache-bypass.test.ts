import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { cacheRoom, deferred, requestOf, textOf, turns, versions } from '../../helpers/cache-room.js';

// ROOM_POLICY: fresh for 300 s, stale within grace until 360 s, stale-if-error until 900 s, deadline 30 s.
const down = new DashcacheError('source_down');

t.test('given a bypass, the source is asked every time and nothing is kept or touched', async (t) => {
  const { cache, memory } = cacheRoom();
  const request = requestOf(versions());
  await cache.read(request);
  const first = await cache.bypass(request);
  t.hasStrict(first, { outcome: 'bypass', layer: 'source', stored: false });
  t.match(textOf(first), /^v2/);
  t.match(textOf(await cache.bypass(request)), /^v3/);
  t.equal(memory.entriesCount, 1);
  const hit = await cache.read(request);
  t.equal(hit.outcome, 'hit');
  t.match(textOf(hit), /^v1/, 'the stored value is as it was');
});

t.test(
  'given readers who bypass at once, they share one load; a cached reader does not join them',
  async (t) => {
    const { cache } = cacheRoom();
    const load = deferred<string>();
    const request = requestOf(() => load.promise);
    const readers = Array.from({ length: 10 }, () => cache.bypass(request));
    await turns();
    t.equal(request.loadsCount, 1);
    const cached = cache.read(request);
    await turns();
    t.equal(request.loadsCount, 2);
    load.resolve('value');
    const answers = await Promise.all(readers);
    t.ok(answers.every(({ outcome, stored }) => outcome === 'bypass' && !stored));
    t.equal((await cached).outcome, 'miss');
  },
);

t.test(
  'given a bypass whose load fails, its readers get the error and no stored value takes its place',
  async (t) => {
    const { cache } = cacheRoom();
    let fails = false;
    const request = requestOf(() => (fails ? Promise.reject(down) : 'value'));
    await cache.read(request);
    fails = true;
    await t.rejects(cache.bypass(request), down);
    await t.rejects(cache.bypass(request), down);
    t.equal(request.loadsCount, 3, 'a bypass asks the source every time');
    t.equal((await cache.read(request)).outcome, 'hit');
  },
);

t.test('given an error just now and a bypass that succeeds, the source is back', async (t) => {
  const { cache, clock } = cacheRoom();
  let fails = true;
  const request = requestOf(() => (fails ? Promise.reject(down) : 'value'));
  await t.rejects(cache.read(request), down);
  fails = false;
  clock.advance(100);
  await cache.bypass(request);
  t.equal((await cache.read(request)).outcome, 'miss');
});
