import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { CacheAnswer } from '../../../services/cache/answer.js';
import { cacheRoom, deferred, requestOf, turns } from '../../helpers/cache-room.js';

// ROOM_POLICY: fresh for 300 s, stale within grace until 360 s, stale-if-error until 900 s, deadline 30 s.
const FRESH_MS = 300_000;
const GRACE_MS = 60_000;

function textOf({ entry }: CacheAnswer): string {
  return String(entry.body.ready('identity'));
}

function countOf<T>(all: readonly T[], wanted: T): number {
  return all.filter((one) => one === wanted).length;
}

/** A load that gives v1, v2 and so on. */
function versions(): () => string {
  let version = 0;
  return () => `v${++version}`;
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

t.test(
  'given a soft deadline and a refresh in time, the reader of something stale gets the new',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const load = deferred<string>();
    let asked = 0;
    const request = requestOf(() => (++asked === 1 ? 'old' : load.promise), {
      policy: { softDeadlineMs: 100 },
    });
    await cache.read(request);
    clock.advance(FRESH_MS);
    const reader = cache.read(request);
    await turns();
    clock.advance(99);
    load.resolve('new');
    const answer = await reader;
    t.equal(answer.outcome, 'miss', 'he waited for the source');
    t.match(textOf(answer), /^new/);
    await turns(1);
    t.equal(clock.pendingTimers, 0);
  },
);

for (const afterMs of [FRESH_MS, FRESH_MS + GRACE_MS])
  t.test(
    `given a soft deadline that passes, ${afterMs} ms on: the stale value, and the load goes on`,
    async (t) => {
      const { cache, clock } = cacheRoom();
      const load = deferred<string>();
      let asked = 0;
      const request = requestOf(() => (++asked === 1 ? 'old' : load.promise), {
        policy: { softDeadlineMs: 100 },
      });
      await cache.read(request);
      clock.advance(afterMs);
      let answered: CacheAnswer | null = null;
      const reader = cache.read(request).then((answer) => {
        answered = answer;
        return answer;
      });
      await turns();
      clock.advance(99);
      await turns();
      t.equal(answered, null);
      clock.advance(1);
      const answer = await reader;
      t.equal(answer.outcome, 'stale_hit');
      t.match(textOf(answer), /^old/);
      load.resolve('new');
      await cache.settled();
      t.match(textOf(await cache.read(request)), /^new/);
      t.equal(request.loadsCount, 2);
    },
  );

t.test(
  'given a soft deadline and nothing to serve, the reader waits for the source or its error',
  async (t) => {
    for (const outcome of ['value', down] as const) {
      const { cache, clock } = cacheRoom();
      const load = deferred<string>();
      const request = requestOf(() => load.promise, { policy: { softDeadlineMs: 100 } });
      const reader = cache.read(request);
      reader.catch(() => {});
      await turns();
      clock.advance(200);
      await turns();
      if (outcome === down) load.reject(down);
      else load.resolve('value');
      if (outcome === down) await t.rejects(reader, down);
      else t.equal((await reader).outcome, 'miss');
      await turns(1);
      t.equal(clock.pendingTimers, 0);
    }
  },
);

t.test(
  'given a soft deadline and a purge while the reader waits, the old value is not served after grace',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const load = deferred<string>();
    let asked = 0;
    const request = requestOf(() => (++asked === 1 ? 'old' : load.promise), {
      policy: { softDeadlineMs: 100 },
    });
    await cache.read(request);
    clock.advance(FRESH_MS + GRACE_MS);
    const reader = cache.read(request);
    await turns();
    await cache.invalidate(['panel'], 'purge');
    clock.advance(100);
    await turns();
    load.resolve('new');
    t.match(textOf(await reader), /^new/);
  },
);

t.test(
  'given a flight that fails after a later one brought news, its readers get the news as a hit',
  async (t) => {
    const { cache } = cacheRoom();
    const loads = [deferred<string>(), deferred<string>()];
    let asked = 0;
    const request = requestOf(() => loads[asked++]?.promise ?? 'more');
    const early = cache.read(request);
    await turns();
    await cache.invalidate(['panel'], 'purge');
    const late = cache.read(request);
    await turns();
    loads[1]?.resolve('new');
    await late;
    loads[0]?.reject(down);
    const answer = await early;
    t.hasStrict(answer, { outcome: 'hit', layer: 'l1' });
    t.match(textOf(answer), /^new/);
  },
);

for (const afterMs of [FRESH_MS, FRESH_MS + GRACE_MS])
  t.test(
    `given a soft deadline and a load that fails before it, ${afterMs} ms on: stale-if-error, said so`,
    async (t) => {
      const { cache, clock } = cacheRoom();
      let fails = false;
      const request = requestOf(() => (fails ? Promise.reject(down) : 'old'), {
        policy: { softDeadlineMs: 100 },
      });
      await cache.read(request);
      fails = true;
      clock.advance(afterMs);
      const answer = await cache.read(request);
      t.equal(answer.outcome, 'error_hit');
      t.match(textOf(answer), /^old/);
    },
  );

t.test('given a value too large to keep, it is served and its predecessor is gone', async (t) => {
  const { cache, clock, memory, observer } = cacheRoom({ maxBytes: 100_000 });
  let large = false;
  const request = requestOf(() => (large ? 'x'.repeat(50_000) : 'small'));
  t.equal((await cache.read(request)).stored, true);
  large = true;
  clock.advance(FRESH_MS + GRACE_MS);
  const answer = await cache.read(request);
  t.hasStrict(answer, { outcome: 'miss', stored: false });
  t.equal(answer.entry.body.identityBytes > 50_000, true);
  t.equal(memory.read(request.key.hash), undefined);
  t.equal(observer.count('too_large'), 1);
  t.equal((await cache.read(request)).outcome, 'miss');
  t.equal(request.loadsCount, 3);
});

t.test('given equal content at a refresh, bytes, ETag and generated_at stay', async (t) => {
  const { cache, clock, observer } = cacheRoom();
  const request = requestOf(() => 'same');
  const first = await cache.read(request);
  clock.advance(FRESH_MS);
  await cache.read(request);
  await cache.settled();
  const renewed = await cache.read(request);
  t.equal(renewed.outcome, 'hit');
  t.equal(renewed.entry.body, first.entry.body);
  t.equal(renewed.entry.etag, first.entry.etag);
  t.equal(renewed.entry.generatedAtMs, first.entry.generatedAtMs);
  t.equal(renewed.entry.storedAtMs, first.entry.storedAtMs + FRESH_MS);
  t.equal(observer.count('renewals'), 1);
});

t.test(
  'given equal content after a purge, bytes and ETag stay: the purge was about trust, not about bytes',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const request = requestOf(() => 'same');
    const first = await cache.read(request);
    clock.advance(5000);
    await cache.invalidate(['panel'], 'purge');
    const again = await cache.read(request);
    t.equal(again.outcome, 'miss');
    t.equal(again.entry.body, first.entry.body);
    t.equal(again.entry.etag, first.entry.etag);
    t.equal(again.entry.generatedAtMs, first.entry.generatedAtMs);
    t.equal(again.entry.storedAtMs, first.entry.storedAtMs + 5000);
  },
);

t.test('given other content, it is news with a generated_at of its own', async (t) => {
  const { cache, clock, observer } = cacheRoom();
  const request = requestOf(versions());
  const first = await cache.read(request);
  clock.advance(FRESH_MS + GRACE_MS);
  const second = await cache.read(request);
  t.not(second.entry.etag, first.entry.etag);
  t.equal(second.entry.generatedAtMs, clock.nowMs());
  t.equal(observer.count('renewals'), 0);
});

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

t.test('given two tenants and one panel, neither sees the other', async (t) => {
  const { cache } = cacheRoom();
  const one = requestOf(() => 'of one', { tenant: '1' });
  const two = requestOf(() => 'of two', { tenant: '2' });
  await cache.read(one);
  t.match(textOf(await cache.read(two)), /^of two/);
  t.match(textOf(await cache.read(one)), /^of one/);
});

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

t.test('given an expire, grace counts from it', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(versions());
  await cache.read(request);
  await cache.invalidate(['panel'], 'expire');
  clock.advance(GRACE_MS);
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
