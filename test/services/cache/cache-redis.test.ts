import t from 'tap';
import { until } from '../../helpers/cache-redis.js';
import { sourcesOf, twoRooms, wholeTextOf } from '../../helpers/cache-redis-room.js';
import { deferred, FRESH_MS, GRACE_MS, requestOf } from '../../helpers/cache-room.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const down = new Error('down');

t.test('given a value that one process loaded, another serves it without asking the source', async (t) => {
  const { one, two } = await twoRooms(t, shared.url);
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
    const { one, two } = await twoRooms(t, shared.url);
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

t.test('given many cold readers in two processes, they ask the source once', async (t) => {
  const { one, two } = await twoRooms(t, shared.url, { hears: true });
  const [mine, theirs] = sourcesOf(
    () => 'value',
    () => 'value',
  );
  await Promise.all([
    ...Array.from({ length: 20 }, () => one.cache.read(mine)),
    ...Array.from({ length: 20 }, () => two.cache.read(theirs)),
  ]);
  t.equal(mine.loadsCount + theirs.loadsCount, 1);
});

t.test('given something stale in Redis within grace, it is served to all and refreshed once', async (t) => {
  const { one, two, clock } = await twoRooms(t, shared.url);
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
  t.match(await wholeTextOf(await two.cache.read(theirs)), /^new/);
});

t.test(
  'given something in Redis after grace, the reader waits; if the source fails, he gets it',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
    const [mine, theirs] = sourcesOf(
      () => 'old',
      () => Promise.reject(down),
    );
    await one.cache.read(mine);
    clock.advance(FRESH_MS + GRACE_MS);
    const answer = await two.cache.read(theirs);
    t.hasStrict(answer, { outcome: 'error_hit' });
    t.match(await wholeTextOf(answer), /^old/);
    t.equal(theirs.loadsCount, 1);
  },
);

t.test(
  'given a soft deadline and something old in Redis alone, the reader waits for the source no longer',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
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
    t.match(await wholeTextOf(answer), /^old/);
    load.resolve('new');
    await two.cache.settled();
    t.match(await wholeTextOf(await two.cache.read(theirs)), /^new/);
  },
);

t.test(
  'given a purged entry in memory and a later one in Redis, the later is what a failing source leaves',
  async (t) => {
    const { one, two, clock } = await twoRooms(t, shared.url);
    let fails = false;
    const [mine, theirs] = sourcesOf(
      () => 'newer',
      () => (fails ? Promise.reject(down) : 'older'),
    );
    await two.cache.read(theirs);
    await one.cache.invalidate(['panel'], 'purge', { wait: false });
    await one.cache.read(mine);
    clock.advance(FRESH_MS + GRACE_MS);
    fails = true;
    const answer = await two.cache.read(theirs);
    t.equal(answer.outcome, 'error_hit');
    t.match(await wholeTextOf(answer), /^newer/);
  },
);

t.test(
  'given an error just now and a value that another process stored since, the value is served',
  async (t) => {
    const { one, two } = await twoRooms(t, shared.url);
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
  const { two } = await twoRooms(t, shared.url);
  const request = requestOf(() => Promise.reject(down));
  await t.rejects(two.cache.read(request), down);
  await t.rejects(two.cache.read(request), down);
  t.equal(request.loadsCount, 1);
  t.equal(two.observer.count('loads'), 1);
});
