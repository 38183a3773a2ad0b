import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { newProcessId } from '../../../services/cache/stamp.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { redisRoom } from '../../helpers/cache-redis-room.js';
import { changedTags, ownServer, redisProcess, slotOn, unmet } from '../../helpers/cache-redis-slot.js';
import { CountingObserver, requestOf } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

/** All that the cache asks of its user: what ioredis sends when it connects, then the scripts, then the entries. */
const ACL_RULES = [
  ...['resetkeys', '~dc:*', '&dc:*', '-@all', '+info', '+client|setname', '+eval', '+evalsha'],
  ...['+hmget', '+hset', '+del', '+xadd', '+xrange', '+xrevrange', '+get', '+set', '+pexpire'],
  ...['+time', '+hget', '+hgetall', '+hexists', '+hdel', '+zadd', '+zrem', '+zrangebyscore', '+wait'],
  ...['+getrange', '+pttl', '+publish'],
];

t.test('given an ACL user limited to our prefix, everything works and nothing else is allowed', async (t) => {
  const server = await ownServer(t, { user: { name: 'dash', password: 'secret', rules: ACL_RULES } });
  const redis = await cacheRedis(t, server.url);
  const slot = new RedisControlSlot({
    redis,
    prefix: 'dc:',
    clock: new ManualClock(),
    processId: newProcessId(),
  });
  const first = await slot.look(unmet, ['a']);
  await slot.invalidate({ tags: ['a'], mode: 'expire', cause: 'request' });
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  t.same(changedTags(await slot.look(first, ['a'])), ['a', 'a']);
  const observer = new CountingObserver();
  const room = await redisRoom(t, server.url, { observer });
  const request = requestOf(() => 'value');
  t.hasStrict(await room.cache.read(request), { outcome: 'miss', stored: true });
  t.match(await (await redisRoom(t, server.url, { observer })).cache.read(request), { layer: 'l2' });
  const failing = requestOf(() => Promise.reject(new DashcacheError('source_down')), { parts: ['failing'] });
  await t.rejects(room.cache.read(failing), { code: 'source_down' });
  t.equal(await redis.get(`dc:{${failing.key.hash}}:l`), null);
  t.ok(await redis.get(`dc:{${failing.key.hash}}:e`));
  t.equal(observer.count('l2_failures'), 0);
  await t.rejects(redis.set('foreign', '1'), /NOPERM/);
  await t.rejects(redis.get('foreign'), /NOPERM/);
  await t.rejects(redis.keys('*'), /NOPERM/);
  await t.rejects(redis.flushdb(), /NOPERM/);
  await t.rejects(redis.config('GET', 'dir'), /NOPERM/);
  const outside = new RedisControlSlot({
    redis,
    prefix: 'other:',
    clock: new ManualClock(),
    processId: newProcessId(),
  });
  await t.rejects(outside.look(unmet, ['a']), /NOPERM|ACL/i);
  const admin = await cacheRedis(t, server.adminUrl);
  t.ok(
    (await admin.keys('*')).every((key) => key.startsWith('dc:')),
    'no key outside the prefix',
  );
});

for (const mode of ['purge', 'expire'] as const)
  t.test(`given two processes, a ${mode} in one is in force in the other within one poll`, async (t) => {
    const { clock } = await slotOn(t, shared);
    const [one, other] = [await redisProcess(t, shared, clock), await redisProcess(t, shared, clock)];
    const tags = ['all', 'panel'];
    const proof = await other.generations.prove(tags);
    t.same(await one.generations.prove(tags), proof, 'they agree');
    await one.generations.invalidate({ tags: ['panel'], mode, cause: 'request' }, { wait: false });
    t.equal(other.generations.compare(proof.stamp, tags).is, 'current', 'it can not know yet');
    const looks = other.observer.count('looks');
    clock.advance(250);
    await until(() => other.observer.count('looks') > looks, 'the poll');
    t.equal(other.generations.compare(proof.stamp, tags).is, mode === 'purge' ? 'purged' : 'expired');
    t.same(await one.generations.prove(tags), await other.generations.prove(tags), 'they agree again');
  });

t.test('given two processes that purge at once, both follow the order of the log', async (t) => {
  const { clock } = await slotOn(t, shared);
  const [one, other] = [await redisProcess(t, shared, clock), await redisProcess(t, shared, clock)];
  await Promise.all([one.generations.prove(['a']), other.generations.prove(['a'])]);
  for (let round = 0; round < 20; round++) {
    await Promise.all([
      one.generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false }),
      other.generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false }),
    ]);
  }
  clock.advance(1000);
  t.same(await one.generations.prove(['a']), await other.generations.prove(['a']));
});

t.test('given FLUSHDB, everything that either process stamped is gone once it has looked', async (t) => {
  const { clock, redis } = await slotOn(t, shared);
  const one = await redisProcess(t, shared, clock);
  const proof = await one.generations.prove(['a']);
  await redis.flushdb();
  clock.advance(1000);
  const again = await one.generations.prove(['a']);
  t.equal(again.proven, true);
  t.not(again.stamp.root, proof.stamp.root);
  t.equal(one.generations.compare(proof.stamp, ['a']).is, 'purged');
  t.equal(one.observer.count('root:lost'), 1);
});

t.test(
  'given a purge as the first thing after FLUSHDB, the new root is counted with its cause',
  async (t) => {
    const { clock, redis } = await slotOn(t, shared);
    const one = await redisProcess(t, shared, clock);
    await redis.flushdb();
    await one.generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false });
    t.equal(one.observer.count('root:lost'), 1);
  },
);
