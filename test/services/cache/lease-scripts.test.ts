import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { writeSharedError } from '../../../services/cache/shared-error.js';
import { newGeneration, newRoot } from '../../../services/cache/stamp.js';
import type { StoreQuestion } from '../../../services/cache/store-reply.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { startRedis } from '../../helpers/redis-server.js';
import {
  entryOf,
  expired,
  key,
  LEASE,
  nextStoreOn,
  purged,
  questionOf,
  STAMP,
  stored,
  storeOn,
  TTL_MS,
} from '../../helpers/store-room.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

t.test(
  'given nothing stored, the first asker gets the lease and the others learn who holds it',
  async (t) => {
    const { store, redis } = await storeOn(t, shared.url);
    const first = questionOf();
    t.match(await store.ask(first), { is: 'leased', entry: null, hasOvertaken: false });
    const second = await store.ask(questionOf());
    t.match(second, { is: 'held', lease: first.lease });
    t.ok(second?.is === 'held' && second.leftMs > 1500 && second.leftMs <= 2000);
    t.match(await store.ask(first), { is: 'leased' }, 'a question that runs twice holds what it took');
    t.equal(await redis.get(LEASE), first.lease);
  },
);

t.test('given a fill under the lease, the entry is there, the lease is free, and it is told', async (t) => {
  const { store, clock, redis } = await storeOn(t, shared.url);
  const told: string[] = [];
  const listener = await cacheRedis(t, shared.url);
  listener.on('message', (channel: string, message: string) => told.push(`${channel} ${message}`));
  await listener.subscribe('dc:{g}:bus');
  const question = questionOf();
  await store.ask(question);
  t.equal(await store.fill(entryOf(clock, 'v1'), question.lease ?? ''), 'stored');
  t.match(await store.ask(questionOf()), { is: 'entry', entry: { etag: entryOf(clock, 'v1').etag } });
  t.equal(await redis.exists(LEASE), 0);
  await until(() => told.length > 0, 'the message');
  t.same(told, [`dc:{g}:bus filled ${key.hash}`]);
});

t.test('given a lease that is gone or another’s, a fill is refused and changes nothing', async (t) => {
  const { store, clock, redis } = await storeOn(t, shared.url);
  const [late, other] = [questionOf(), questionOf()];
  await store.ask(late);
  await redis.del(LEASE);
  t.equal(await store.fill(entryOf(clock, 'old'), late.lease ?? ''), 'refused', 'gone');
  await store.ask(other);
  t.equal(await store.fill(entryOf(clock, 'old'), late.lease ?? ''), 'refused', 'another’s');
  t.equal(await redis.get(LEASE), other.lease);
  t.equal(await redis.exists(store.nameOf(key.hash)), 0);
});

t.test('given a beat, the lease lasts on; of a lease that is another’s it says so', async (t) => {
  const { store, redis } = await storeOn(t, shared.url);
  const question = questionOf();
  await store.ask(question);
  await redis.pexpire(LEASE, 500);
  t.equal(await store.beat(key.hash, question.lease ?? ''), true);
  t.ok((await redis.pttl(LEASE)) > 1500);
  await redis.pexpire(LEASE, 500);
  t.equal(await store.beat(key.hash, 'another'), false);
  t.ok((await redis.pttl(LEASE)) <= 500);
  redis.disconnect();
  t.equal(await store.beat(key.hash, question.lease ?? ''), null);
});

t.test('given an end of a lease that is another’s, that one stays and no error is shared', async (t) => {
  const { store, redis } = await storeOn(t, shared.url);
  const [holder, other] = [questionOf(), questionOf()];
  await store.ask(holder);
  await store.end(key.hash, other.lease ?? '', writeSharedError(new DashcacheError('source_down')));
  t.equal(await redis.get(LEASE), holder.lease);
  await store.end(key.hash, holder.lease ?? '', null);
  t.same(await redis.keys('*'), []);
});

t.test(
  'given a failed load, its error is shared for a second with those of the same generations',
  async (t) => {
    const { store, redis } = await storeOn(t, shared.url);
    const question = questionOf();
    await store.ask(question);
    const error = new DashcacheError('source_overloaded', { detail: 'Too much', retryAfterSeconds: 3 });
    await store.end(key.hash, question.lease ?? '', writeSharedError(error));
    const reply = await store.ask(questionOf());
    t.match(reply, {
      is: 'failed',
      error: { code: 'source_overloaded', message: 'Too much', retryAfterSeconds: 3 },
    });
    t.ok(reply?.is === 'failed' && reply.leftMs > 500 && reply.leftMs <= 1000);
    t.match(
      await store.ask(questionOf({ stamp: purged })),
      { is: 'leased' },
      'after a purge it is tried anew',
    );
    await redis.del(LEASE, `dc:{${key.hash}}:e`);
    t.match(await store.ask(questionOf()), { is: 'leased' });
  },
);

t.test('given a failed load of a value, the value stays, and the next fill ends the error', async (t) => {
  const at = await storeOn(t, shared.url);
  const { store, clock, redis } = at;
  await stored(at);
  clock.advance(TTL_MS);
  const question = questionOf();
  t.match(await store.ask(question), { is: 'leased', entry: { keyHash: key.hash } });
  await store.end(key.hash, question.lease ?? '', writeSharedError(new DashcacheError('source_down')));
  const failed = await store.ask(questionOf());
  t.match(failed, { is: 'failed', entry: { keyHash: key.hash } }, 'it comes with the error');
  const later = questionOf({ stamp: expired });
  await store.ask(later);
  await store.fill(entryOf(clock, 'v2', expired), later.lease ?? '');
  t.equal(await redis.exists(`dc:{${key.hash}}:e`), 0);
});

t.test('given an entry, what it is worth decides whether it comes alone or with the lease', async (t) => {
  const cases: readonly [title: string, question: Partial<StoreQuestion>, afterMs: number, is: string][] = [
    ['fresh', {}, TTL_MS - 1, 'entry'],
    ['stale, and only fresh will do', {}, TTL_MS, 'leased'],
    ['stale within grace', { graceMs: 500 }, TTL_MS + 499, 'entry'],
    ['stale after grace', { graceMs: 500 }, TTL_MS + 500, 'leased'],
    ['expired, within grace', { stamp: expired, graceMs: 500 }, 0, 'entry'],
    ['expired, and only fresh will do', { stamp: expired }, 0, 'leased'],
    ['purged', { stamp: purged, graceMs: 500 }, 0, 'leased'],
    ['of another root', { stamp: { ...STAMP, root: newRoot() }, graceMs: 500 }, 0, 'leased'],
    ['of fewer tags', { stamp: { ...STAMP, generations: STAMP.generations.slice(0, 1) } }, 0, 'leased'],
    [
      'of more tags',
      { stamp: { ...STAMP, generations: [...STAMP.generations, newGeneration()] } },
      0,
      'leased',
    ],
  ];
  const at = await storeOn(t, shared.url);
  for (const [title, question, afterMs, is] of cases) {
    await at.redis.flushall();
    await stored(at);
    at.clock.advance(afterMs);
    // Of another process, which has not seen it yet.
    const { store } = await nextStoreOn(t, shared.url, at.clock);
    t.match(await store.ask(questionOf(question)), { is, entry: { keyHash: key.hash } }, title);
    t.equal(await at.redis.exists(LEASE), is === 'entry' ? 0 : 1, title);
  }
});

t.test('given a frame that the asker knows and that will not do, it does not come again', async (t) => {
  const at = await storeOn(t, shared.url);
  await stored(at);
  const fresh = await at.store.ask(questionOf());
  t.match(await at.store.ask(questionOf({ except: fresh?.mark ?? null })), { is: 'leased', entry: null });
  await at.redis.set(at.store.nameOf(key.hash), 'no frame');
  const broken = await at.store.ask(questionOf({ lease: null }));
  await at.store.ask(questionOf({ lease: null, except: broken?.mark ?? null }));
  t.equal(at.observer.count('frame:magic'), 1);
});

t.test('given nobody who would load, no lease is taken', async (t) => {
  const { store, redis } = await storeOn(t, shared.url);
  t.match(await store.ask(questionOf({ lease: null })), { is: 'none', entry: null });
  t.same(await redis.keys('*'), []);
});

t.test('given a lease to take over, that one is replaced and no other', async (t) => {
  const { store, redis } = await storeOn(t, shared.url);
  const [old, current, third] = [questionOf(), questionOf({ stamp: purged }), questionOf({ stamp: expired })];
  await store.ask(old);
  t.match(await store.ask({ ...current, overtake: old.lease }), { is: 'leased', hasOvertaken: true });
  t.match(await store.ask({ ...third, overtake: old.lease }), { is: 'held', lease: current.lease });
  t.equal(await redis.get(LEASE), current.lease);
});

t.test('given a Redis that is full, the frame comes, but no lease', async (t) => {
  const server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
  t.teardown(() => server.stop());
  const at = await storeOn(t, server.url);
  await stored(at);
  await at.redis.config('SET', 'maxmemory', '1');
  t.match(await at.store.ask(questionOf()), { is: 'entry' });
  t.match(await at.store.ask(questionOf({ stamp: purged })), { is: 'none', entry: { keyHash: key.hash } });
});

t.test('given a user who may use our keys but no channel, loads are handed over all the same', async (t) => {
  const rules = ['resetkeys', 'resetchannels', '~dc:*', '+@all'];
  const server = await startRedis({ user: { name: 'dash', password: 'secret', rules } });
  t.teardown(() => server.stop());
  const at = await storeOn(t, server.url);
  await stored(at);
  t.match(await at.store.ask(questionOf()), { is: 'entry' });
  t.equal(await at.redis.exists(LEASE), 0);
});
