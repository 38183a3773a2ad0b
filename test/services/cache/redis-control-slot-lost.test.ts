import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import t from 'tap';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { newProcessId } from '../../../services/cache/stamp.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { ownServer, slotOn, unmet } from '../../helpers/cache-redis-slot.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

t.test('given a log trimmed to nothing, what it said is lost: a new root', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const first = await slot.look(unmet, []);
  await redis.xtrim('dc:{g}:log', 'MAXLEN', 0);
  const second = await slot.look(first, []);
  t.not(second.root, first.root);
  t.equal(second.newRoot, 'lost');
  t.equal((await slot.look(second, [])).root, second.root);
});

for (const [what, lose] of [
  ['the log is deleted', (redis: Redis) => redis.del('dc:{g}:log')],
  ['the root is evicted', (redis: Redis) => redis.del('dc:{g}:root')],
  ['FLUSHDB', (redis: Redis) => redis.flushdb()],
] as const)
  t.test(`given that ${what}, a new root is made and everybody finds it`, async (t) => {
    const { slot, redis } = await slotOn(t, shared);
    const first = await slot.look(unmet, ['a']);
    await lose(redis);
    const second = await slot.look(first, ['a']);
    t.not(second.root, first.root);
    t.equal(second.newRoot, 'lost');
    t.equal(second.changes, 'gap');
    const found = await slot.look(first, ['a']);
    t.equal(found.root, second.root);
    t.equal(found.newRoot, null, 'only who made it says so');
    t.equal(found.changes, 'gap');
  });

t.test('given FLUSHDB and then an invalidation, it lands under a new root and says why', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a']);
  await redis.flushdb();
  t.equal((await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' })).newRoot, 'lost');
  t.equal((await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' })).newRoot, null);
  t.not((await slot.look(first, [])).root, first.root);
});

t.test('given a restart that kept the data, it is another run of the server: a new root', async (t) => {
  const server = await ownServer(t, { persistent: true });
  const { slot, redis } = await slotOn(t, server);
  const first = await slot.look(unmet, ['a']);
  await server.restart();
  await until(() => redis.status === 'ready');
  t.equal(await redis.exists('dc:{g}:root', 'dc:{g}:log', 'dc:{g}:t:a'), 3, 'the data is back');
  const second = await slot.look(first, ['a']);
  t.not(second.root, first.root);
  t.equal(second.newRoot, 'foreign');
  t.equal(second.changes, 'gap');
});

t.test('given a restart that lost the data, a new root', async (t) => {
  const server = await ownServer(t);
  const { slot, redis } = await slotOn(t, server);
  const first = await slot.look(unmet, ['a']);
  await server.restart();
  await until(() => redis.status === 'ready');
  const second = await slot.look(first, ['a']);
  t.not(second.root, first.root);
  t.equal(second.newRoot, 'lost');
});

for (const field of ['run', 'replication'])
  t.test(`given a root that was recorded under another ${field} id alone, it is foreign`, async (t) => {
    const { slot, redis } = await slotOn(t, shared);
    const first = await slot.look(unmet, ['a']);
    await redis.hset('dc:{g}:root', field, 'another');
    const second = await slot.look(first, ['a']);
    t.not(second.root, first.root);
    t.equal(second.newRoot, 'foreign');
    t.equal((await slot.look(second, [])).root, second.root);
  });

t.test('given an old snapshot restored, the purge that it does not know of is not undone', async (t) => {
  const server = await ownServer(t);
  const { slot, redis } = await slotOn(t, server);
  const loaded = await slot.look(unmet, ['a']);
  await redis.save();
  const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
  const dump = join(folder, 'dump.rdb');
  copyFileSync(dump, `${dump}.old`);
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  const purged = await slot.look(loaded, ['a']);
  await server.kill();
  copyFileSync(`${dump}.old`, dump);
  await server.restart();
  await until(() => redis.status === 'ready');
  const [purge = ''] = (await redis.get('dc:{g}:t:a'))?.split(':') ?? [];
  t.equal(purge, loaded.generations[0]?.purge, 'the snapshot brings the old generation back');
  const after = await slot.look(purged, ['a']);
  t.not(after.root, loaded.root);
  t.equal(after.newRoot, 'foreign');
  const stranger = await slot.look(loaded, ['a']);
  t.not(stranger.root, loaded.root, 'also for a process that never heard of the purge');
});

t.test('given a replica made the master, the root is new although the data came along', async (t) => {
  // A new replica is not kept waiting for others to come.
  const master = await ownServer(t, { args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await ownServer(t, { args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  const one = await slotOn(t, master);
  const admin = await cacheRedis(t, replica.url);
  await until(async () => (await admin.info('replication')).includes('master_link_status:up'));
  const first = await one.slot.look(unmet, ['a']);
  await until(async () => (await admin.exists('dc:{g}:root')) === 1);
  await admin.replicaof('NO', 'ONE');
  const promoted = new RedisControlSlot({
    redis: admin,
    prefix: 'dc:',
    clock: one.clock,
    processId: newProcessId(),
  });
  const second = await promoted.look(first, ['a']);
  t.not(second.root, first.root);
  t.equal(second.newRoot, 'foreign');
});
