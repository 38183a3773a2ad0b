import t, { type Test } from 'tap';
import type { CacheAnswer } from '../../../services/cache/answer.js';
import { makeKey } from '../../../services/cache/key.js';
import { until } from '../../helpers/cache-redis.js';
import { type RedisRoom, redisRoom } from '../../helpers/cache-redis-room.js';
import { deferred, requestOf, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';
import { ScriptedSlot } from '../../helpers/scripted-slot.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const FRESH_MS = 300_000;
const GRACE_MS = 60_000;
const down = new Error('down');

/** Two processes on one empty Redis and one clock. */
async function twoRooms(t: Test): Promise<{ one: RedisRoom; two: RedisRoom; clock: ManualClock }> {
  const clock = new ManualClock();
  const one = await redisRoom(t, shared.url, { clock });
  await one.redis.flushall();
  return { one, two: await redisRoom(t, shared.url, { clock }), clock };
}

async function textOf({ entry }: CacheAnswer): Promise<string> {
  return String(await entry.body.bytes('identity'));
}

/** Requests for one key as two processes make them, each with its own source. */
function sourcesOf(one: () => Promise<string> | string, two: () => Promise<string> | string) {
  return [requestOf(one), requestOf(two)] as const;
}

t.test('given a value that one process loaded, another serves it without asking the source', async (t) => {
  const { one, two } = await twoRooms(t);
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => 'never asked',
  );
  const miss = await one.cache.read(mine);
  t.hasStrict(miss, { outcome: 'miss', stored: true });
  const l2 = await two.cache.read(theirs);
  t.hasStrict(l2, { outcome: 'hit', layer: 'l2', stored: false, staleAtMs: miss.staleAtMs });
  const l1 = await two.cache.read(theirs);
  t.hasStrict(l1, { outcome: 'hit', layer: 'l1' });
  t.equal(theirs.loadsCount, 0);
  t.equal(two.observer.count('loads'), 0);
});

for (const size of ['small', 'large'] as const)
  t.test(`given a ${size} body, miss, l1 and l2 give the same bytes and ETag in every coding`, async (t) => {
    const { one, two } = await twoRooms(t);
    const content = size === 'small' ? '{"data":1}' : `{"data":[${'123456,'.repeat(3000)}0]}`;
    const [mine, theirs] = sourcesOf(
      () => content,
      () => 'never asked',
    );
    const miss = await one.cache.read(mine);
    const answers = [await one.cache.read(mine), await two.cache.read(theirs), await two.cache.read(theirs)];
    t.same(
      answers.map(({ layer }) => layer),
      ['l1', 'l2', 'l1'],
    );
    for (const answer of answers) {
      t.equal(answer.entry.etag, miss.entry.etag);
      t.equal(answer.entry.generatedAtMs, miss.entry.generatedAtMs);
      t.equal(answer.entry.storedAtMs, miss.entry.storedAtMs);
      for (const coding of ['identity', 'br', 'gzip'] as const)
        t.same(await answer.entry.body.bytes(coding), await miss.entry.body.bytes(coding), coding);
    }
  });

t.test('given many cold readers in two processes, each asks its source once at most', async (t) => {
  const { one, two } = await twoRooms(t);
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => 'value',
  );
  await Promise.all([
    ...Array.from({ length: 20 }, () => one.cache.read(mine)),
    ...Array.from({ length: 20 }, () => two.cache.read(theirs)),
  ]);
  t.ok(mine.loadsCount <= 1 && theirs.loadsCount <= 1);
});

t.test('given something stale in Redis within grace, it is served to all and refreshed once', async (t) => {
  const { one, two, clock } = await twoRooms(t);
  const load = deferred<string>();
  const [mine, theirs] = sourcesOf(
    () => 'old',
    () => load.promise,
  );
  const first = await one.cache.read(mine);
  clock.advance(FRESH_MS);
  // With the generations known, all of them come to the same flight.
  await two.generations.prove(theirs.tags);
  const answers = await Promise.all(Array.from({ length: 20 }, () => two.cache.read(theirs)));
  t.ok(answers.every(({ outcome, layer }) => outcome === 'stale_hit' && layer === 'l2'));
  t.ok(answers.every(({ staleAtMs }) => staleAtMs === first.staleAtMs));
  await until(() => theirs.loadsCount > 0, 'the refresh');
  load.resolve('new');
  await two.cache.settled();
  t.equal(theirs.loadsCount, 1);
  t.match(await textOf(await two.cache.read(theirs)), /^new/);
});

t.test(
  'given something in Redis after grace, the reader waits; if the source fails, he gets it',
  async (t) => {
    const { one, two, clock } = await twoRooms(t);
    const [mine, theirs] = sourcesOf(
      () => 'old',
      () => Promise.reject(down),
    );
    await one.cache.read(mine);
    clock.advance(FRESH_MS + GRACE_MS);
    const answer = await two.cache.read(theirs);
    t.hasStrict(answer, { outcome: 'error_hit' });
    t.match(await textOf(answer), /^old/);
    t.equal(theirs.loadsCount, 1);
  },
);

t.test(
  'given a soft deadline and something old in Redis alone, the reader waits for the source no longer',
  async (t) => {
    const { one, two, clock } = await twoRooms(t);
    const load = deferred<string>();
    const mine = requestOf(() => 'old');
    const theirs = requestOf(() => load.promise, { policy: { softDeadlineMs: 100 } });
    await one.cache.read(mine);
    clock.advance(FRESH_MS + GRACE_MS);
    const reader = two.cache.read(theirs);
    await until(() => theirs.loadsCount === 1, 'the load');
    clock.advance(100);
    const answer = await reader;
    t.hasStrict(answer, { outcome: 'stale_hit' });
    t.match(await textOf(answer), /^old/);
    load.resolve('new');
    await two.cache.settled();
    t.match(await textOf(await two.cache.read(theirs)), /^new/);
  },
);

t.test(
  'given a purged entry in memory and a later one in Redis, the later is what a failing source leaves',
  async (t) => {
    const { one, two, clock } = await twoRooms(t);
    let fails = false;
    const [mine, theirs] = sourcesOf(
      () => 'newer',
      () => (fails ? Promise.reject(down) : 'older'),
    );
    await two.cache.read(theirs);
    await one.cache.invalidate(['panel'], 'purge');
    await one.cache.read(mine);
    clock.advance(FRESH_MS + GRACE_MS);
    fails = true;
    const answer = await two.cache.read(theirs);
    t.equal(answer.outcome, 'error_hit');
    t.match(await textOf(answer), /^newer/);
  },
);

t.test(
  'given an error just now and a value that another process stored since, the value is served',
  async (t) => {
    const { one, two } = await twoRooms(t);
    const [mine, theirs] = sourcesOf(
      () => 'value',
      () => Promise.reject(down),
    );
    await t.rejects(two.cache.read(theirs), down);
    await one.cache.read(mine);
    t.hasStrict(await two.cache.read(theirs), { outcome: 'hit', layer: 'l2' });
    t.equal(theirs.loadsCount, 1);
  },
);

t.test('given an error just now and nothing in Redis, the error is shared without a load', async (t) => {
  const { two } = await twoRooms(t);
  const request = requestOf(() => Promise.reject(down));
  await t.rejects(two.cache.read(request), down);
  await t.rejects(two.cache.read(request), down);
  t.equal(request.loadsCount, 1);
  t.equal(two.observer.count('loads'), 1);
});

t.test('given a stale value here and a fresh one in Redis, the refresh takes that one', async (t) => {
  const { one, two, clock } = await twoRooms(t);
  let version = 0;
  const [mine, theirs] = sourcesOf(
    () => `v${++version}`,
    () => 'never asked',
  );
  await one.cache.read(mine);
  await two.cache.read(theirs);
  clock.advance(FRESH_MS);
  await one.cache.read(mine);
  await one.cache.settled();
  t.hasStrict(await two.cache.read(theirs), { outcome: 'stale_hit', layer: 'l1' });
  await two.cache.settled();
  t.equal(theirs.loadsCount, 0);
  const answer = await two.cache.read(theirs);
  t.hasStrict(answer, { outcome: 'hit', layer: 'l1' });
  t.match(await textOf(answer), /^v2/);
});

t.test('given a stale value here and the same in Redis, the refresh asks the source', async (t) => {
  const { one, two, clock } = await twoRooms(t);
  const [mine, theirs] = sourcesOf(
    () => 'old',
    () => 'new',
  );
  await one.cache.read(mine);
  await two.cache.read(theirs);
  clock.advance(FRESH_MS);
  await two.cache.read(theirs);
  await two.cache.settled();
  t.equal(theirs.loadsCount, 1);
});

t.test(
  'given a purge in one process, the other never serves the old value once its trust has run out',
  async (t) => {
    const { one, two, clock } = await twoRooms(t);
    const [mine, theirs] = sourcesOf(
      () => 'old',
      () => 'new',
    );
    await one.cache.read(mine);
    t.hasStrict(await two.cache.read(theirs), { layer: 'l2' });
    await one.cache.invalidate(['panel'], 'purge');
    t.hasStrict(
      await two.cache.read(theirs),
      { outcome: 'hit', layer: 'l1' },
      'it trusts its memory for a second',
    );
    clock.advance(1000);
    const answer = await two.cache.read(theirs);
    t.equal(answer.outcome, 'miss', 'neither memory nor the frame in Redis is believed');
    t.match(await textOf(answer), /^new/);
  },
);

t.test('given an expire in one process, the other serves the old value stale within one poll', async (t) => {
  const { one, two, clock } = await twoRooms(t);
  await two.generations.start();
  const [mine, theirs] = sourcesOf(
    () => 'old',
    () => 'new',
  );
  await one.cache.read(mine);
  await two.cache.read(theirs);
  await one.cache.invalidate(['panel'], 'expire');
  const looks = two.observer.count('looks');
  clock.advance(250);
  await until(() => two.observer.count('looks') > looks);
  t.hasStrict(await two.cache.read(theirs), { outcome: 'stale_hit', staleAtMs: clock.nowMs() });
  await two.cache.settled();
  t.hasStrict(await two.cache.read(theirs), { outcome: 'hit' });
});

t.test(
  'given equal content after a purge in a process that never had it, the bytes in Redis are renewed',
  async (t) => {
    const { one, two, clock } = await twoRooms(t);
    const [mine, theirs] = sourcesOf(
      () => 'same',
      () => 'same',
    );
    const first = await one.cache.read(mine);
    clock.advance(5000);
    await one.cache.invalidate(['panel'], 'purge');
    const renewed = await two.cache.read(theirs);
    t.equal(renewed.outcome, 'miss');
    t.equal(renewed.entry.etag, first.entry.etag);
    t.equal(renewed.entry.generatedAtMs, first.entry.generatedAtMs);
    t.equal(renewed.entry.storedAtMs, first.entry.storedAtMs + 5000);
    t.equal(two.observer.count('renewals'), 1);
  },
);

t.test('given FLUSHDB, nothing from before is served once trust has run out', async (t) => {
  const { one, clock } = await twoRooms(t);
  let version = 0;
  const request = requestOf(() => `v${++version}`);
  await one.cache.read(request);
  await one.redis.flushdb();
  clock.advance(1000);
  t.match(await textOf(await one.cache.read(request)), /^v2/);
});

t.test('given a frame that was tampered with, it is a miss, counted, and written anew', async (t) => {
  const { one, two } = await twoRooms(t);
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => 'value again',
  );
  await one.cache.read(mine);
  await one.redis.setrange(`dc:{${mine.key.hash}}:v`, 60, 'x');
  t.hasStrict(await two.cache.read(theirs), { outcome: 'miss' });
  t.equal(two.observer.count('frame:checksum'), 1);
  const third = await redisRoom(t, shared.url);
  t.hasStrict(await third.cache.read(mine), { outcome: 'hit', layer: 'l2' });
});

t.test('given a value too large to keep, it is not written to Redis either', async (t) => {
  const room = await redisRoom(t, shared.url, { maxBytes: 50_000 });
  await room.redis.flushall();
  const request = requestOf(() => 'x'.repeat(50_000));
  t.hasStrict(await room.cache.read(request), { outcome: 'miss', stored: false });
  t.same(await room.redis.keys('dc:{?*}:v'), []);
});

t.test(
  'given a purge during a load, the frame that another process wrote since is not overwritten',
  async (t) => {
    const { one, two } = await twoRooms(t);
    const load = deferred<string>();
    const [mine, theirs] = sourcesOf(
      () => load.promise,
      () => 'new',
    );
    const early = one.cache.read(mine);
    await until(() => mine.loadsCount === 1);
    await one.cache.invalidate(['panel'], 'purge');
    await two.cache.read(theirs);
    load.resolve('old');
    t.hasStrict(await early, { outcome: 'miss', stored: false });
    const third = await redisRoom(t, shared.url);
    const answer = await third.cache.read(mine);
    t.hasStrict(answer, { outcome: 'hit', layer: 'l2' });
    t.match(await textOf(answer), /^new/);
  },
);

t.test('given hits in either layer, the ledger knows what is in use', async (t) => {
  const { one, two } = await twoRooms(t);
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => '',
  );
  await one.cache.read(mine);
  t.same(one.noted, []);
  await one.cache.read(mine);
  t.same(one.noted, [mine.key.hash]);
  await two.cache.read(theirs);
  await two.cache.read(theirs);
  t.same(two.noted, [mine.key.hash, mine.key.hash]);
});

t.test(
  'given a Redis that freezes, warm reads go on, and a cold one waits for it within its deadlines',
  async (t) => {
    const server = await startRedis();
    t.teardown(() => server.stop());
    const room = await redisRoom(t, server.url);
    const { cache, clock } = room;
    const [warm, cold] = [requestOf(() => 'warm'), requestOf(() => 'cold', { parts: ['cold'] })];
    await cache.read(warm);
    server.freeze();
    t.hasStrict(await cache.read(warm), { outcome: 'hit', layer: 'l1' });
    const reader = cache.read(cold);
    await turns();
    clock.advance(250);
    await until(() => cold.loadsCount === 1, 'the load');
    await turns();
    clock.advance(250);
    t.hasStrict(await reader, { outcome: 'miss', stored: true });
    t.equal(room.observer.count('l2_failures'), 2);
    clock.advance(1000);
    const isolated = cache.read(warm);
    await turns();
    clock.advance(200);
    t.hasStrict(await isolated, { outcome: 'unproven_hit' });
    t.hasStrict(await cache.read(cold), { outcome: 'unproven_hit' });
    const alone = requestOf(() => 'alone', { parts: ['alone'] });
    t.hasStrict(await cache.read(alone), { outcome: 'miss', stored: true }, 'nobody asks a silent Redis');
    server.thaw();
    await until(() => room.redis.status === 'ready');
    t.equal(
      await room.redis.exists(`dc:{${makeKey(null, ['alone']).hash}}:v`),
      0,
      'unproven values stay here',
    );
  },
);

t.test(
  'given isolation, layer two is neither asked nor told: nobody could say what it is worth',
  async (t) => {
    const slot = new ScriptedSlot();
    slot.auto = 'answer';
    const room = await redisRoom(t, shared.url, { slot });
    await room.redis.flushall();
    const stored = requestOf(() => 'stored', { parts: ['stored'] });
    await room.cache.read(stored);
    t.equal((await room.redis.keys('dc:{?*}:v')).length, 1);
    room.memory.remove(stored.key.hash);
    slot.auto = 'silent';
    room.clock.advance(1000);
    await room.generations.prove([]);
    const reads = room.observer.count('operation:l2_read');
    t.hasStrict(await room.cache.read(stored), { outcome: 'miss', stored: true });
    const cold = requestOf(() => 'cold', { parts: ['cold'], tags: ['all', 'cold'] });
    t.hasStrict(await room.cache.read(cold), { outcome: 'miss', stored: true });
    t.equal(room.observer.count('operation:l2_read'), reads);
    t.equal(room.observer.count('l2_writes'), 1);
  },
);
