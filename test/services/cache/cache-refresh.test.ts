import t from 'tap';
import type { Admitted, CacheRequest } from '../../../services/cache/request.js';
import { sourcesOf, twoRooms } from '../../helpers/cache-redis-room.js';
import { cacheRoom, deferred, requestOf, textOf, turns, versions } from '../../helpers/cache-room.js';
import type { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';

/** Turns the hands in small steps, so that what each timer begins goes on before the next. */
async function pass(
  clock: ManualClock,
  ms: number,
  each: () => Promise<unknown> | undefined = () => undefined,
) {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    await each();
    clock.advance(100);
    await turns();
  }
}

t.test('given an expire of what was read of late, it is loaded anew without a reader, once', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(versions());
  await cache.read(request);
  await cache.invalidate(['panel'], 'expire');
  await cache.invalidate(['panel'], 'expire');
  clock.advance(99);
  await turns();
  t.equal(request.loadsCount, 1, 'changes are gathered');
  clock.advance(1);
  await turns();
  t.equal(request.loadsCount, 2);
  const answer = await cache.read(request);
  t.equal(answer.outcome, 'hit');
  t.match(textOf(answer), /^v2/);
});

t.test('given changes all the time, what nobody reads any more is left alone after a minute', async (t) => {
  const { cache, clock } = cacheRoom();
  const request = requestOf(versions());
  await cache.read(request);
  const change = () => cache.invalidate(['panel'], 'expire');
  await pass(clock, 59_000, change);
  const readCount = request.loadsCount;
  t.ok(readCount > 100, 'it was kept fresh while somebody might come back');
  await pass(clock, 2000, change);
  const idleCount = request.loadsCount;
  await pass(clock, 10_000, change);
  t.equal(request.loadsCount, idleCount, 'no refresh is a use');
  await cache.read(request);
  await pass(clock, 1000, change);
  t.ok(request.loadsCount > idleCount, 'a reader is');
});

t.test(
  'given changes that leave the result equal, it keeps its ETag and is loaded ever more rarely',
  async (t) => {
    const { cache, clock, observer } = cacheRoom();
    const request = requestOf(() => 'equal');
    const { entry } = await cache.read(request);
    const change = async () => {
      await cache.invalidate(['panel'], 'expire');
      t.equal((await cache.read(request)).entry.etag, entry.etag);
    };
    await pass(clock, 20_000, change);
    t.ok(request.loadsCount <= 9, `${request.loadsCount} loads in 20 s: each pause twice as long`);
    t.equal(observer.count('renewals'), request.loadsCount - 1);
    const changing = requestOf(versions(), { parts: ['changing'] });
    await cache.read(changing);
    await pass(clock, 20_000, async () => {
      await cache.invalidate(['panel'], 'expire');
      await cache.read(changing);
    });
    t.ok(changing.loadsCount >= 50, `against ${changing.loadsCount} of what changes`);
  },
);

t.test(
  'given changes that have ended, what was left alone for long is loaded once more at once',
  async (t) => {
    const { cache, clock } = cacheRoom();
    let value = 'equal';
    const request = requestOf(() => value);
    await cache.read(request);
    await pass(clock, 10_000, async () => {
      await cache.invalidate(['panel'], 'expire');
      await cache.read(request);
    });
    value = 'last';
    await cache.invalidate(['panel'], 'expire');
    const before = request.loadsCount;
    await pass(clock, 1000);
    t.match(textOf(await cache.read(request)), /^last/);
    t.equal(request.loadsCount, before + 1);
  },
);

t.test(
  'given many stale keys, what will be too old first is loaded first, then the hottest, four at once',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const begun: string[] = [];
    const loads = deferred<string>();
    let holds = false;
    const named = (name: string, maxStalenessMs: number | null) =>
      requestOf(
        () => {
          if (holds) begun.push(name);
          return holds ? loads.promise : name;
        },
        { parts: [name], policy: { maxStalenessMs }, toldToMs: () => Number.POSITIVE_INFINITY },
      );
    const requests = [
      named('cold', null),
      named('hot', null),
      named('soon', 5000),
      named('sooner', 2000),
      named('late', 9000),
    ];
    for (const request of requests) await cache.read(request);
    for (let i = 0; i < 5; i++) await cache.read(requests[1] as CacheRequest);
    holds = true;
    await cache.invalidate(['panel'], 'expire');
    clock.advance(100);
    await turns();
    t.same(begun, ['sooner', 'soon', 'late', 'hot']);
    loads.resolve('loaded');
    await turns();
    t.same(begun, ['sooner', 'soon', 'late', 'hot', 'cold']);
  },
);

t.test(
  'given a limit on loads, a refresh waits for leave, reads its generations after that, and gives it back',
  async (t) => {
    const { cache, clock } = cacheRoom();
    const plain = requestOf(versions());
    const leaves: ((admitted: Admitted | null) => void)[] = [];
    let endedCount = 0;
    const request: CacheRequest = { ...plain, admit: () => new Promise((resolve) => leaves.push(resolve)) };
    await cache.read(request);
    await cache.invalidate(['panel'], 'expire');
    t.equal((await cache.read(request)).outcome, 'stale_hit');
    await turns();
    t.equal(plain.loadsCount, 1, 'not before');
    leaves[0]?.(null);
    await turns();
    clock.advance(200);
    await turns();
    t.equal(leaves.length, 2, 'it is asked for again');
    await cache.invalidate(['panel'], 'expire');
    leaves[1]?.({ request: plain, end: () => void endedCount++ });
    await turns();
    t.equal(plain.loadsCount, 2);
    t.equal(endedCount, 1);
    t.equal((await cache.read(request)).outcome, 'hit', 'with the change that came while it waited');
  },
);

t.test('given two processes and changes all the time, one takes what the other has loaded', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const { one, two, clock } = await twoRooms(t, redis.url);
  const version = versions();
  const plain = sourcesOf(
    async () => version(),
    async () => version(),
  );
  const admitted = plain.map((request) => {
    const limited: CacheRequest = { ...request, admit: async () => ({ request: limited, end: () => {} }) };
    return limited;
  });
  const [first, second] = admitted as [CacheRequest, CacheRequest];
  await one.cache.read(first);
  await two.cache.read(second);
  await one.cache.invalidate(['panel'], 'expire');
  clock.advance(10);
  await one.cache.read(first);
  await one.cache.settled();
  // Another change comes before the other process has had its turn.
  await one.cache.invalidate(['panel'], 'expire');
  await two.generations.refresh();
  t.equal((await two.cache.read(second)).outcome, 'stale_hit');
  await two.cache.settled();
  t.match(textOf(await two.cache.read(second)), /^v2/, 'newer than what it had, though stale as well');
  t.equal(plain[1]?.loadsCount, 0, 'and it cost nothing');
});
