import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { CacheAnswer } from '../../../services/cache/answer.js';
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
function countOf<T>(all: readonly T[], wanted: T): number {
  return all.filter((one) => one === wanted).length;
}

const down = new DashcacheError('source_down');

t.test('given nothing stored, the source is asked; then memory answers with the same bytes', async (t) => {
  const { cache, clock, observer } = cacheRoom();
  const request = requestOf(versions());
  const atMs = clock.nowMs();
  const miss = await cache.read(request);
  t.hasStrict(miss, { outcome: 'miss', layer: 'source', stored: true, staleAtMs: atMs + FRESH_MS });
  t.equal(textOf(miss), `v1@${atMs}`);
  clock.advance(1000);
  const hit = await cache.read(request);
  t.hasStrict(hit, { outcome: 'hit', layer: 'l1', stored: false, staleAtMs: atMs + FRESH_MS });
  t.equal(hit.entry.body, miss.entry.body);
  t.equal(request.loadsCount, 1);
  t.equal(observer.count('loads'), 1);
  t.equal(observer.count('operation:l1_read'), 2);
});

t.test('given the last fresh instant, a hit; the next, a stale hit with one load behind it', async (t) => {
  const { cache, clock, observer } = cacheRoom();
  const load = deferred<string>();
  let asked = 0;
  const request = requestOf(() => (++asked === 1 ? 'old' : load.promise));
  await cache.read(request);
  clock.advance(FRESH_MS - 1);
  t.equal((await cache.read(request)).outcome, 'hit');
  clock.advance(1);
  const readers = await Promise.all(Array.from({ length: 50 }, () => cache.read(request)));
  t.ok(readers.every(({ outcome, layer }) => outcome === 'stale_hit' && layer === 'l1'));
  t.match(textOf(readers[0] as CacheAnswer), /^old/);
  await turns(1);
  t.equal(request.loadsCount, 2, 'exactly one background load');
  t.equal(observer.count('revalidations'), 1);
  load.resolve('new');
  await cache.settled();
  const fresh = await cache.read(request);
  t.equal(fresh.outcome, 'hit');
  t.match(textOf(fresh), /^new/);
});

t.test(
  'given the last instant of grace, a stale hit; after it, the reader waits for the source',
  async (t) => {
    for (const [afterMs, outcome, text] of [
      [FRESH_MS + GRACE_MS - 1, 'stale_hit', /^v1/],
      [FRESH_MS + GRACE_MS, 'miss', /^v2/],
    ] as const) {
      const { cache, clock } = cacheRoom();
      const request = requestOf(versions());
      await cache.read(request);
      clock.advance(afterMs);
      const answer = await cache.read(request);
      t.equal(answer.outcome, outcome);
      t.match(textOf(answer), text);
      await cache.settled();
    }
  },
);

t.test('given a source that fails after grace, the old value is served until its end', async (t) => {
  const { cache, clock } = cacheRoom();
  let fails = false;
  const request = requestOf(() => (fails ? Promise.reject(down) : 'old'));
  const first = await cache.read(request);
  fails = true;
  clock.advance(FRESH_MS + GRACE_MS);
  const answer = await cache.read(request);
  t.hasStrict(answer, { outcome: 'error_hit', layer: 'l1', stored: false, staleAtMs: first.entry.staleAtMs });
  t.match(textOf(answer), /^old/);
  clock.advance(900_000 - FRESH_MS - GRACE_MS - 1);
  t.equal((await cache.read(request)).outcome, 'error_hit');
  clock.advance(1);
  await t.rejects(cache.read(request), down);
});

t.test(
  'given a source that fails within grace, the value stays and the source has a second of peace',
  async (t) => {
    const { cache, clock, observer } = cacheRoom();
    let fails = false;
    const request = requestOf(() => (fails ? Promise.reject(down) : 'old'));
    await cache.read(request);
    fails = true;
    clock.advance(FRESH_MS);
    t.equal((await cache.read(request)).outcome, 'stale_hit', 'the failure is not known yet');
    await cache.settled();
    t.equal(request.loadsCount, 2);
    for (let i = 0; i < 20; i++) t.equal((await cache.read(request)).outcome, 'error_hit');
    clock.advance(999);
    t.equal((await cache.read(request)).outcome, 'error_hit');
    await cache.settled();
    t.equal(request.loadsCount, 2, 'no load within the second');
    t.equal(observer.count('revalidations'), 1, 'nor a try');
    clock.advance(1);
    t.equal((await cache.read(request)).outcome, 'stale_hit');
    await cache.settled();
    t.equal(request.loadsCount, 3);
    t.equal(observer.count('load_failures'), 2);
    fails = false;
    clock.advance(1000);
    await cache.read(request);
    await cache.settled();
    t.equal((await cache.read(request)).outcome, 'hit', 'a success ends it');
  },
);

t.test('given a failed load and nothing to serve, its readers share the error for one second', async (t) => {
  const { cache, clock } = cacheRoom();
  let fails = true;
  const request = requestOf(() => (fails ? Promise.reject(down) : 'value'));
  await t.rejects(cache.read(request), down);
  fails = false;
  clock.advance(999);
  await t.rejects(cache.read(request), down);
  t.equal(request.loadsCount, 1);
  clock.advance(1);
  t.equal((await cache.read(request)).outcome, 'miss');
  t.equal(request.loadsCount, 2);
  const other = requestOf(() => 'other', { parts: ['other'] });
  t.equal((await cache.read(other)).outcome, 'miss', 'another key was never touched');
});

t.test('given 50 readers of a cold key, one load and its result for all', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  const request = requestOf(() => load.promise);
  const readers = Array.from({ length: 50 }, () => cache.read(request));
  await turns();
  t.equal(request.loadsCount, 1);
  load.resolve('value');
  const answers = await Promise.all(readers);
  const outcomes = answers.map(({ outcome }) => outcome);
  t.equal(countOf(outcomes, 'miss'), 1);
  t.equal(countOf(outcomes, 'collapsed'), 49);
  t.equal(new Set(answers.map(({ entry }) => entry)).size, 1);
  t.ok(answers.every(({ stored, layer }) => stored && layer === 'source'));
});

t.test('given 50 readers of a load that fails, one load and its error for all', async (t) => {
  const { cache, observer } = cacheRoom();
  const load = deferred<string>();
  const request = requestOf(() => load.promise);
  const readers = Promise.allSettled(Array.from({ length: 50 }, () => cache.read(request)));
  await turns();
  load.reject(down);
  t.ok((await readers).every((ended) => ended.status === 'rejected' && ended.reason === down));
  t.equal(request.loadsCount, 1);
  t.equal(observer.count('load_failures'), 1);
});

t.test('given a first reader who goes away, those who joined get the result all the same', async (t) => {
  const { cache } = cacheRoom();
  const load = deferred<string>();
  let signal: AbortSignal | undefined;
  const request = requestOf((given) => {
    signal = given;
    return load.promise;
  });
  // Nobody holds the promise of the first: that is all that is left of a reader who hung up.
  void cache.read(request);
  await turns();
  const second = cache.read(request);
  await turns();
  t.equal(signal?.aborted, false);
  load.resolve('value');
  t.equal((await second).outcome, 'collapsed');
  t.equal((await cache.read(request)).outcome, 'hit');
  t.equal(request.loadsCount, 1);
});

t.test(
  'given a load that ignores its signal, all its readers are told at the deadline and nothing is kept',
  async (t) => {
    const { cache, clock, memory } = cacheRoom();
    const load = deferred<string>();
    const request = requestOf(() => load.promise);
    const readers = Promise.allSettled([cache.read(request), cache.read(request)]);
    await turns();
    clock.advance(30_000);
    for (const ended of await readers)
      t.match(ended, { status: 'rejected', reason: { code: 'source_deadline' } });
    load.resolve('too late');
    await turns();
    t.equal(memory.read(request.key.hash), undefined);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test('given a load that throws at once, its reader gets the error', async (t) => {
  const { cache } = cacheRoom();
  const request = {
    ...requestOf(() => ''),
    load: () => {
      throw new TypeError('at once');
    },
  };
  await t.rejects(cache.read(request), new TypeError('at once'));
});

t.test('given a render that throws, its reader gets the error and nothing is kept', async (t) => {
  const { cache, memory } = cacheRoom();
  const request = {
    ...requestOf(() => 'x'),
    render: () => {
      throw new TypeError('not renderable');
    },
  };
  await t.rejects(cache.read(request), new TypeError('not renderable'));
  t.equal(memory.entriesCount, 0);
});

t.test('given two tenants and one panel, neither sees the other', async (t) => {
  const { cache } = cacheRoom();
  const one = requestOf(() => 'of one', { tenant: '1' });
  const two = requestOf(() => 'of two', { tenant: '2' });
  await cache.read(one);
  t.match(textOf(await cache.read(two)), /^of two/);
  t.match(textOf(await cache.read(one)), /^of one/);
});

t.test('given a purge of another tag, the value stays', async (t) => {
  const { cache } = cacheRoom();
  const request = requestOf(versions());
  await cache.read(request);
  await cache.invalidate(['other'], 'purge');
  t.equal((await cache.read(request)).outcome, 'hit');
});

t.test('given loads and bypasses under way, settled waits for them', async (t) => {
  const { cache } = cacheRoom();
  const [load, passed] = [deferred<string>(), deferred<string>()];
  const reader = cache.read(requestOf(() => load.promise));
  const bypassing = cache.bypass(requestOf(() => passed.promise));
  await turns();
  let settled = false;
  const waiting = cache.settled().then(() => {
    settled = true;
  });
  load.resolve('x');
  await reader;
  await turns(1);
  t.equal(settled, false);
  passed.resolve('x');
  await bypassing;
  await waiting;
});

t.test('given a request without tags, it is cached by time alone', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(versions(), { tags: [] });
  await cache.read(request);
  t.equal((await cache.read(request)).outcome, 'hit');
  clock.advance(FRESH_MS + GRACE_MS);
  t.equal((await cache.read(request)).outcome, 'miss');
});
