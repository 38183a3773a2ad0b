import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { cacheRoom, deferred, requestOf, textOf, turns } from '../../helpers/cache-room.js';

const NOW = (): number => Number.POSITIVE_INFINITY;
const MAX_STALENESS_MS = 5000;

/** A cache that has v1, and whose further loads are the test's. Nobody has read it of late. */
async function room(toldToMs?: () => number, maxStalenessMs: number | null = MAX_STALENESS_MS) {
  const made = cacheRoom();
  let load: () => Promise<string> | string = () => 'v1';
  const request = requestOf(() => load(), { policy: { maxStalenessMs }, ...(toldToMs && { toldToMs }) });
  await made.cache.read(request);
  const loads = (next: () => Promise<string> | string) => {
    load = next;
  };
  return { ...made, request, loads };
}

t.test('given a change, stale data are served for as long as the contract says, and no longer', async (t) => {
  const { cache, clock, request, loads, observer } = await room(NOW);
  const slow = deferred<string>();
  loads(() => slow.promise);
  await cache.invalidate(['panel'], 'expire');
  clock.advance(4999);
  t.equal((await cache.read(request)).outcome, 'stale_hit');
  clock.advance(1);
  const late = cache.read(request);
  await turns();
  slow.resolve('v2');
  t.match(textOf(await late), /^v2/, 'its reader waits for what is loaded');
  t.equal(observer.count('contract_breaches'), 0);
});

t.test('given one change after the other, the contract counts from the first that is missing', async (t) => {
  for (const { maxStalenessMs, outcome } of [
    { maxStalenessMs: MAX_STALENESS_MS, outcome: 'miss' },
    { maxStalenessMs: null, outcome: 'stale_hit' },
  ]) {
    const { cache, clock, request, loads } = await room(NOW, maxStalenessMs);
    clock.advance(60_000);
    loads(() => 'v2');
    for (let i = 0; i < 10; i++) {
      await cache.invalidate(['panel'], 'expire');
      clock.advance(500);
    }
    t.equal(
      (await cache.read(request)).outcome,
      outcome,
      maxStalenessMs ? 'with a contract' : 'without one it is within grace',
    );
  }
});

t.test('given no change, nothing is too old, however long ago it was loaded', async (t) => {
  const { cache, clock, request } = await room(NOW);
  clock.advance(200_000);
  t.equal((await cache.read(request)).outcome, 'hit');
});

t.test('given no feed, data become stale at half of the contract and too old at its end', async (t) => {
  const { cache, clock, request, loads } = await room();
  const slow = deferred<string>();
  loads(() => slow.promise);
  clock.advance(2499);
  t.equal((await cache.read(request)).outcome, 'hit');
  clock.advance(1);
  t.equal((await cache.read(request)).outcome, 'stale_hit');
  clock.advance(2500);
  const late = cache.read(request);
  await turns();
  slow.resolve('v2');
  t.match(textOf(await late), /^v2/);
});

t.test('given a feed that fell silent, the contract counts from what it told last', async (t) => {
  let silentFromMs = Number.POSITIVE_INFINITY;
  const { cache, clock, request, loads } = await room(() => silentFromMs);
  clock.advance(60_000);
  silentFromMs = clock.nowMs();
  const slow = deferred<string>();
  loads(() => slow.promise);
  clock.advance(2499);
  t.equal((await cache.read(request)).outcome, 'hit', 'it lacked nothing when the feed was heard last');
  clock.advance(1);
  t.equal((await cache.read(request)).outcome, 'stale_hit', 'there is time to load it anew');
  clock.advance(2500);
  const late = cache.read(request);
  await turns();
  slow.resolve('v2');
  t.match(textOf(await late), /^v2/);
});

t.test('given a feed that is heard again, what it says no change of is fresh', async (t) => {
  let silentFromMs = Number.POSITIVE_INFINITY;
  const { cache, clock, request } = await room(() => silentFromMs);
  clock.advance(60_000);
  silentFromMs = clock.nowMs();
  clock.advance(3000);
  silentFromMs = Number.POSITIVE_INFINITY;
  t.equal((await cache.read(request)).outcome, 'hit');
});

t.test(
  'given a change and then silence of the feed, the contract counts from the earlier of both',
  async (t) => {
    let silentFromMs = Number.POSITIVE_INFINITY;
    const { cache, clock, request, loads } = await room(() => silentFromMs);
    loads(() => Promise.reject(new DashcacheError('source_down')));
    await cache.invalidate(['panel'], 'expire');
    clock.advance(3000);
    silentFromMs = clock.nowMs();
    clock.advance(2000);
    await turns();
    t.equal((await cache.read(request)).outcome, 'error_hit');
  },
);

t.test(
  'given a source that fails, the contract gives way, and that is counted with its reason',
  async (t) => {
    for (const { code, budgetCount } of [
      { code: 'source_down', budgetCount: 0 },
      { code: 'source_overloaded', budgetCount: 1 },
    ] as const) {
      const { cache, clock, request, loads, observer } = await room(NOW);
      loads(() => Promise.reject(new DashcacheError(code)));
      await cache.invalidate(['panel'], 'expire');
      clock.advance(4000);
      await turns();
      clock.advance(1000);
      t.equal((await cache.read(request)).outcome, 'error_hit');
      t.equal(observer.count('contract_breaches'), 1);
      t.equal(observer.count('budget_breaches'), budgetCount);
    }
  },
);

t.test('given stale_if_error of nothing, what is too old is never served', async (t) => {
  const { cache, clock } = cacheRoom();
  let fails = false;
  const request = requestOf(() => (fails ? Promise.reject(new DashcacheError('source_down')) : 'v1'), {
    policy: { maxStalenessMs: MAX_STALENESS_MS, staleIfErrorMs: 0 },
    toldToMs: NOW,
  });
  await cache.read(request);
  fails = true;
  await cache.invalidate(['panel'], 'expire');
  clock.advance(5000);
  await t.rejects(cache.read(request), { code: 'source_down' });
});

t.test(
  'given a load that lacks only what the contract allows, a reader of what is too old waits for that one',
  async (t) => {
    const { cache, clock, request, loads } = await room(NOW);
    clock.advance(60_000);
    await cache.invalidate(['panel'], 'expire');
    clock.advance(5000);
    const slow = deferred<string>();
    loads(() => slow.promise);
    const readers = [cache.read(request)];
    for (let i = 0; i < 5; i++) {
      await turns();
      await cache.invalidate(['panel'], 'expire');
      clock.advance(100);
      readers.push(cache.read(request));
    }
    await turns();
    t.equal(request.loadsCount, 2, 'not one for every change');
    slow.resolve('v2');
    await Promise.all(readers);
  },
);
