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
} from '../../helpers/cache-room.js';

// ROOM_POLICY: fresh for 300 s, stale within grace until 360 s, stale-if-error until 900 s, deadline 30 s.
const down = new DashcacheError('source_down');

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
