import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { createResultCache } from '../../../result-cache.js';
import { Barrier } from '../../helpers/barrier.js';
import { counted, resultRoom, until } from '../../helpers/result-room.js';

for (const value of [null, undefined, false, 0, '', Number.NaN])
  t.test(`a result of ${JSON.stringify(value) ?? 'undefined'} is cached like any other`, async (t) => {
    const { cache } = resultRoom(t);
    const fn = counted(async (_siteId: number) => value);
    const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'empty' });
    for (let i = 0; i < 3; i++) t.ok(Object.is(await cached(7), value));
    t.equal(fn.runs.length, 1);
    t.match(cache.getCacheStats(), { hits: 2, misses: 1 });
  });

t.test('a function that answers at once is cached too, and answers with a Promise', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted((value: number) => 2 * value);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'doubled' });
  t.ok(cached(2) instanceof Promise);
  t.same([await cached(2), await cached(2), await cached(3)], [4, 4, 6]);
  t.same(fn.runs, [[2], [3]]);
});

t.test('fifty calls at the same time share one run', async (t) => {
  const { cache } = resultRoom(t);
  const gate = new Barrier();
  const fn = counted(async (siteId: number) => {
    await gate.pass();
    return { siteId };
  });
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'totals' });
  const calls = Array.from({ length: 50 }, () => cached(7));
  const other = cached(8);
  await gate.arrived(2);
  gate.open();
  const results = await Promise.all(calls);
  await other;
  t.same(fn.runs, [[7], [8]], 'one run for each different call');
  t.equal(new Set(results).size, 50, 'each caller has a copy of its own');
  t.match(cache.getCacheStats(), { total_requests: 51, misses: 51, collapsed: 49, hits: 0 });
});

t.test('a result is used until its ttl ends, to the millisecond', async (t) => {
  const { cache, clock } = resultRoom(t);
  const fn = counted(async () => 1);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'one' });
  await cached();
  clock.advance(299_999);
  await cached();
  t.equal(fn.runs.length, 1);
  clock.advance(1);
  await cached();
  t.equal(fn.runs.length, 2);
});

t.test('timeout: 300 ends as ttl: 300s does', async (t) => {
  const { cache, clock } = resultRoom(t);
  const fn = counted(async () => 1);
  const cached = cache.cacheResult(fn, { timeout: 300, keyPrefix: 'one' });
  await cached();
  clock.advance(299_999);
  await cached();
  t.equal(fn.runs.length, 1);
  clock.advance(1);
  await cached();
  t.equal(fn.runs.length, 2);
});

t.test('by default the ttl is cut by up to 5 %, so that results do not all end together', async (t) => {
  const { cache, clock } = resultRoom(t, { random: () => 1 - Number.EPSILON });
  const fn = counted(async () => 1);
  const cached = cache.cacheResult(fn, { ttl: '100s', keyPrefix: 'one' });
  await cached();
  clock.advance(94_000);
  await cached();
  t.equal(fn.runs.length, 1);
  clock.advance(2000);
  await cached();
  t.equal(fn.runs.length, 2);
});

t.test('without grace nobody gets a stale result', async (t) => {
  const { cache, clock } = resultRoom(t);
  let value = 1;
  const cached = cache.cacheResult(async () => value, { ttl: '1m', keyPrefix: 'value' });
  await cached();
  value = 2;
  clock.advance(60_000);
  t.equal(await cached(), 2);
  t.match(cache.getCacheStats(), { stale_hits: 0, misses: 2 });
});

t.test('within grace a stale result is given at once, while one run renews it', async (t) => {
  const { cache, clock } = resultRoom(t);
  const gate = new Barrier();
  let value = 1;
  const fn = counted(async () => {
    if (value > 1) await gate.pass();
    return value;
  });
  const cached = cache.cacheResult(fn, { ttl: '1m', grace: '1h', keyPrefix: 'value' });
  await cached();
  value = 2;
  clock.advance(60_000);
  t.same(await Promise.all([cached(), cached(), cached()]), [1, 1, 1], 'nobody waits');
  await gate.arrived();
  gate.open();
  t.ok(await until(async () => (await cached()) === 2));
  t.equal(fn.runs.length, 2);
  t.ok(cache.getCacheStats().stale_hits >= 3);
});

t.test(
  'with staleIfError the old result stands in for a failing function; without, the error shows',
  async (t) => {
    const { cache, clock } = resultRoom(t);
    const error = new Error('the report server is down');
    let isFailing = false;
    const fn = async () => {
      if (isFailing) throw error;
      return 1;
    };
    const kind = cache.cacheResult(fn, { ttl: '1m', staleIfError: '1h', keyPrefix: 'kind' });
    const strict = cache.cacheResult(fn, { ttl: '1m', keyPrefix: 'strict' });
    await Promise.all([kind(), strict()]);
    isFailing = true;
    clock.advance(60_000);
    t.equal(await kind(), 1);
    await t.rejects(strict(), error);
    t.match(cache.getCacheStats(), { error_hits: 1, errors: 1 });
  },
);

t.test('an error reaches all who wait as it is, is shared for a second and never cached', async (t) => {
  const { cache, clock } = resultRoom(t);
  const error = new Error('no such site');
  const fn = counted(async (): Promise<number> => {
    throw error;
  });
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'failing' });
  const outcomes = await Promise.allSettled([cached(), cached(), cached()]);
  for (const outcome of outcomes) t.equal(outcome.status === 'rejected' && outcome.reason, error);
  await cached().catch((caught) => t.equal(caught, error, 'the very same'));
  t.equal(fn.runs.length, 1);
  clock.advance(1000);
  await t.rejects(cached(), error);
  t.equal(fn.runs.length, 2, 'it is tried again after a second');
  t.match(cache.getCacheStats(), { errors: 5, total_requests: 5, hits: 0, misses: 0 });
});

t.test('a function that throws at once rejects like any other', async (t) => {
  const { cache } = resultRoom(t);
  const error = new RangeError('no');
  const fn = (): number => {
    throw error;
  };
  await t.rejects(cache.cacheResult(fn, { ttl: '5m' })(), error);
});

t.test('a run beyond its deadline ends for its callers with an error that says so', async (t) => {
  const { cache, clock } = resultRoom(t);
  const gate = new Barrier();
  const fn = counted(() => gate.pass());
  const cached = cache.cacheResult(fn, { ttl: '5m', deadline: '2s', keyPrefix: 'slow' });
  const call = cached();
  await gate.arrived();
  clock.advance(2000);
  await t.rejects(call, { code: 'source_deadline', constructor: DashcacheError });
  gate.open();
});

t.test('a changed result changes nothing in the cache', async (t) => {
  const { cache } = resultRoom(t);
  const source = { rows: [{ id: 1 }] };
  const cached = cache.cacheResult(async () => source, { ttl: '5m', keyPrefix: 'rows' });
  const first = await cached();
  first.rows.push({ id: 2 });
  const second = await cached();
  t.same(second, { rows: [{ id: 1 }] });
  second.rows.length = 0;
  t.same(await cached(), { rows: [{ id: 1 }] });
  t.same(source, { rows: [{ id: 1 }] }, 'nor in what the function holds');
});

t.test('arguments count as they are at the call, whatever the caller does to them then', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted(async (filter: { site: number }) => filter.site);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'filtered' });
  const filter = { site: 7 };
  const call = cached(filter);
  filter.site = 8;
  t.equal(await call, 7);
  t.equal(await cached({ site: 7 }), 7);
  t.same(fn.runs, [[{ site: 7 }]]);
});

t.test('arguments that make no key: a TypeError as a rejection, and key helps', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted(async (sites: Map<string, number>) => sites.size);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'sites' });
  await t.rejects(cached(new Map()), {
    name: 'TypeError',
    message: /args\[0\] of sites is an instance of Map/,
  });
  await t.rejects(cached.invalidate(new Map()), { name: 'TypeError' });
  t.equal(fn.runs.length, 0);
  t.equal(cache.getCacheStats().total_requests, 0, 'a fault of the caller counts nowhere');

  const keyed = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'sites', key: (sites) => [...sites.keys()] });
  const sites = new Map([['North', 1]]);
  t.same([await keyed(sites), await keyed(new Map(sites)), await keyed(new Map())], [1, 1, 0]);
  t.equal(fn.runs.length, 2);
  t.equal(fn.runs[0]?.[0], sites, 'the function gets the arguments themselves');
});

t.test('a key of the caller decides alone which calls are one', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted(async (siteId: number, _requestId: string) => siteId);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'site', key: (siteId) => `${siteId}` });
  await cached(7, 'a');
  await cached(7, 'b');
  await cached(8, 'a');
  t.equal(fn.runs.length, 2);
  await cached.invalidate(7, 'whoever');
  await cached(7, 'c');
  await cached(8, 'c');
  t.equal(fn.runs.length, 3);
});

t.test('unless goes past the cache: nothing is read, kept, copied or shared', async (t) => {
  const { cache } = resultRoom(t);
  const held = { rows: [() => 1] };
  const fn = counted(async (siteId: number) => (siteId === 0 ? held : { rows: [] }));
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'rows', unless: (siteId) => siteId === 0 });
  const [first, second] = await Promise.all([cached(0), cached(0)]);
  t.ok(first === held && second === held, "the function's own results");
  await cached(7);
  await cached(7);
  t.same(fn.runs, [[0], [0], [7]]);
  t.match(cache.getCacheStats(), { bypasses: 2, misses: 1, hits: 1, total_requests: 4 });
});

t.test('a bypass that fails is an error; an unless that is no answer is refused', async (t) => {
  const { cache } = resultRoom(t);
  const error = new Error('down');
  const failing = async (): Promise<number> => {
    throw error;
  };
  await t.rejects(cache.cacheResult(failing, { ttl: '5m', unless: () => true })(), error);
  t.match(cache.getCacheStats(), { bypasses: 0, errors: 1 });
  const unless: () => boolean = Object(async () => false);
  const cached = cache.cacheResult(failing, { ttl: '5m', keyPrefix: 'x', unless });
  await t.rejects(cached(), { name: 'TypeError', message: /"unless" of x must give true or false/ });
});

t.test('a result that would come back as something else is refused at the first call', async (t) => {
  const { cache } = resultRoom(t);
  class Report {}
  const report = async () => new Report();
  const cached = cache.cacheResult(report, { ttl: '5m' });
  await t.rejects(cached(), {
    name: 'TypeError',
    message: /The result of report cannot be cached: it is an instance of Report/,
  });
});

t.test('invalidate takes away exactly that call', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted(async (siteId: number, period?: string) => `${siteId} ${period}`);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'totals' });
  const all = () => Promise.all([cached(7), cached(7, '30d'), cached(8)]);
  await all();
  t.equal(fn.runs.length, 3);
  await cached.invalidate(7);
  await all();
  t.same(fn.runs.slice(3), [[7]]);
});

t.test('invalidateAll takes away all calls of the function, and no other', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted(async (siteId: number) => siteId);
  const other = counted(async (siteId: number) => siteId);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'totals' });
  const cachedOther = cache.cacheResult(other, { ttl: '5m', keyPrefix: 'totals:7' });
  const all = () => Promise.all([cached(7), cached(8), cachedOther(7)]);
  await all();
  await cached.invalidateAll();
  await all();
  t.equal(fn.runs.length, 4);
  t.equal(other.runs.length, 1);
});

t.test('a call after an invalidation never gets what a run before it brings', async (t) => {
  const { cache } = resultRoom(t);
  const gate = new Barrier();
  let version = 1;
  const fn = counted(async () => {
    const seen = version;
    await gate.pass();
    return seen;
  });
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'version' });
  const early = cached();
  await gate.arrived(1);
  version = 2;
  await cached.invalidate();
  const late = cached();
  await gate.arrived(2);
  gate.open();
  t.equal(await early, 1, 'its run began before');
  t.equal(await late, 2);
  t.equal(await cached(), 2, 'and the early result is not kept');
});

t.test('wrappers of one prefix share results, others do not', async (t) => {
  const { cache } = resultRoom(t);
  const fn = counted(async (siteId: number) => siteId);
  const one = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'shared' });
  const two = cache.cacheResult(async (siteId: number) => -siteId, { ttl: '5m', keyPrefix: 'shared' });
  const three = cache.cacheResult(async (siteId: number) => -siteId, { ttl: '5m', keyPrefix: 'alone' });
  t.same([await one(7), await two(7), await three(7)], [7, 7, -7]);
  await two.invalidate(7);
  t.equal(await one(7), 7);
  t.equal(fn.runs.length, 2);
});

t.test('two functions that happen to have one name do not answer for each other', async (t) => {
  const { cache } = resultRoom(t);
  const make = (factor: number) =>
    async function scaled(value: number) {
      return factor * value;
    };
  const double = make(2);
  cache.cacheResult(double, { ttl: '5m' });
  t.doesNotThrow(() => cache.cacheResult(double, { ttl: '1m' }), 'the same function twice');
  t.throws(() => cache.cacheResult(make(3), { ttl: '5m' }), {
    name: 'TypeError',
    message: /Another function named scaled is cached already: .*"keyPrefix"/,
  });
  t.doesNotThrow(() => cache.cacheResult(make(3), { ttl: '5m', keyPrefix: 'tripled' }));
});

t.test('a wrapped function keeps its name and length', async (t) => {
  const { cache } = resultRoom(t);
  const cached = cache.cacheResult(async function totals(_siteId: number, _period: string) {}, { ttl: '5m' });
  t.same([cached.name, cached.length], ['totals', 2]);
});

t.test('the statistics add up and say what they mean', async (t) => {
  const { cache } = resultRoom(t);
  t.match(cache.getCacheStats(), { total_requests: 0, hit_rate: 0, recommendation: 'No reads yet' });
  const cached = cache.cacheResult(async (siteId: number) => siteId, { ttl: '5m', keyPrefix: 'x' });
  for (const siteId of [1, 1, 1, 2]) await cached(siteId);
  t.same(cache.getCacheStats(), {
    total_requests: 4,
    hits: 2,
    stale_hits: 0,
    error_hits: 0,
    unproven_hits: 0,
    misses: 2,
    collapsed: 0,
    bypasses: 0,
    errors: 0,
    hit_rate: 50,
    recommendation: 'Lengthen TTLs or warm the cache',
  });
});

t.test('memory is bounded: what was called longest ago goes first', async (t) => {
  const { cache } = resultRoom(t, { memoryMaxBytes: 64 * 1024 });
  const fn = counted(async (siteId: number) => `${siteId}`);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'many' });
  for (let siteId = 0; siteId < 100; siteId++) await cached(siteId);
  await cached(99);
  t.equal(fn.runs.length, 100);
  await cached(0);
  t.equal(fn.runs.length, 101);
});

t.test('a closed cache still answers, uncached, and takes no invalidation', async (t) => {
  const { cache, clock } = resultRoom(t);
  const fn = counted(async () => 1);
  const cached = cache.cacheResult(fn, { ttl: '5m', keyPrefix: 'one' });
  await cached();
  await Promise.all([cache.close(), cache.close()]);
  t.equal(clock.pendingTimers, 0, 'nothing is left running');
  t.equal(await cached(), 1);
  t.equal(fn.runs.length, 2);
  await t.rejects(cached.invalidate(), /closed/);
  await t.rejects(cached.invalidateAll(), /closed/);
});

t.test('a close waits for a run under way, but not for long', async (t) => {
  const { cache, clock } = resultRoom(t);
  const gate = new Barrier();
  const cached = cache.cacheResult(() => gate.pass(), { ttl: '5m', keyPrefix: 'slow' });
  const call = cached();
  await gate.arrived();
  let isClosed = false;
  const closing = cache.close().then(() => {
    isClosed = true;
  });
  await new Promise(setImmediate);
  t.notOk(isClosed);
  clock.advance(500);
  await closing;
  gate.open();
  t.equal(await call, undefined, 'its caller gets the result all the same');
});

t.test('wrong options of a cache are refused with what to write', (t) => {
  const wrong = { name: 'TypeError' };
  t.throws(() => createResultCache({ redisUrl: 'secret@localhost' }), { ...wrong, message: /redis:\/\// });
  t.throws(() => createResultCache({ redisUrl: '' }), wrong);
  const noName = { redisSentinels: 'redis://user:secret@s1.example' };
  t.throws(() => createResultCache(noName), { ...wrong, message: /^"redisSentinels" .*master-name/ });
  t.throws(() => createResultCache(noName), { message: /^(?!.*secret)/ });
  const numbered = { redisCluster: 'n1.example/2' };
  t.throws(() => createResultCache(numbered), { ...wrong, message: /^"redisCluster" cannot be read/ });
  const both = { redisUrl: 'redis://127.0.0.1', redisCluster: '127.0.0.1' };
  t.throws(() => createResultCache(both), { ...wrong, message: /"redisUrl" and "redisCluster" are both/ });
  t.throws(() => createResultCache({ memoryMaxBytes: 0 }), { ...wrong, message: /"memoryMaxBytes" must be/ });
  t.throws(() => createResultCache({ redisMaxBytes: 1.5 }), { ...wrong, message: /"redisMaxBytes" must be/ });
  t.end();
});
