import t, { type Test } from 'tap';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { newProcessId } from '../../../services/cache/stamp.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { ownServer, redisProcess, slotOn, unmet } from '../../helpers/cache-redis-slot.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const purge = { tags: ['a'], mode: 'purge', cause: 'request' } as const;

/** Two processes as the slot sees them, and the id of the second. */
async function twoSlots(t: Test) {
  const one = await slotOn(t, shared);
  const id = newProcessId();
  const redis = await cacheRedis(t, shared.url);
  const two = new RedisControlSlot({ redis, prefix: 'dc:', clock: one.clock, processId: id });
  return { ...one, one: one.slot, two, id };
}

t.test(
  'given looks, a member is recorded with the position it brought, not the one it is told',
  async (t) => {
    const { one, two, id, redis } = await twoSlots(t);
    const known = await one.look(unmet, []);
    t.equal(await redis.hlen('dc:{g}:members'), 2, 'one member, and the root');
    const first = await two.look(unmet, []);
    t.equal(await redis.hget('dc:{g}:members', id), '0-0', 'who knows no root has applied nothing');
    await one.invalidate(purge);
    const { position } = await one.invalidate(purge);
    const second = await two.look(first, []);
    t.equal(second.position, position);
    t.equal(await redis.hget('dc:{g}:members', id), first.position, 'its answer is still under way');
    t.match(await one.acknowledged(position), { othersCount: 1, confirmedCount: 0, root: known.root });
    await two.look(second, []);
    t.match(await one.acknowledged(position), { othersCount: 1, confirmedCount: 1, newRoot: null });
    await two.look({ root: 'another', position }, []);
    t.match(await one.acknowledged(position), { confirmedCount: 0 }, 'a position of another root is none');
  },
);

t.test('given a confirmation, it counts at once; of another root or from who left, never', async (t) => {
  const { one, two, id, redis } = await twoSlots(t);
  await one.look(unmet, []);
  const first = await two.look(unmet, []);
  const { root, position } = await one.invalidate(purge);
  await two.look(first, []);
  await two.confirm({ root: 'another', position });
  t.match(await one.acknowledged(position), { othersCount: 1, confirmedCount: 0 });
  await two.confirm({ root, position });
  t.match(await one.acknowledged(position), { othersCount: 1, confirmedCount: 1 });
  await two.leave();
  await two.confirm({ root, position });
  t.match(await one.acknowledged(position), { othersCount: 0, confirmedCount: 0 });
  t.equal(await redis.zscore('dc:{g}:seen', id), null);
});

t.test('given positions, they are compared as numbers', async (t) => {
  const { one, two, id, redis } = await twoSlots(t);
  await one.look(unmet, []);
  await two.look(unmet, []);
  for (const [applied, wanted, confirmedCount] of [
    ['5-9', '5-10', 0],
    ['5-10', '5-10', 1],
    ['5-11', '5-10', 1],
    ['10-0', '9-99', 1],
    ['9-99', '10-0', 0],
    ['nonsense', '0-1', 0],
  ] as const) {
    await redis.hset('dc:{g}:members', id, applied);
    t.match(await one.acknowledged(wanted), { confirmedCount }, `${applied} for ${wanted}`);
  }
});

t.test('given a member silent for 10 s, whoever looks removes it; for 9 s, it stays', async (t) => {
  const { one, two, id, redis } = await twoSlots(t);
  const known = await one.look(unmet, []);
  await two.look(unmet, []);
  const nowMs = Number((await redis.time())[0]) * 1000;
  await redis.zadd('dc:{g}:seen', nowMs - 9_000, id);
  await one.look(known, []);
  t.match(await one.acknowledged(known.position), { othersCount: 1 });
  await redis.zadd('dc:{g}:seen', nowMs - 10_000, id);
  await one.look(known, []);
  t.match(await one.acknowledged(known.position), { othersCount: 0 });
  t.equal(await redis.hexists('dc:{g}:members', id), 0);
  await two.look(known, []);
  t.match(await one.acknowledged(known.position), { othersCount: 1 }, 'it is back as soon as it looks');
});

t.test('given times that were lost, members count and become silent from then on', async (t) => {
  const { one, two, id, redis } = await twoSlots(t);
  const known = await one.look(unmet, []);
  await two.look(unmet, []);
  await redis.del('dc:{g}:seen');
  t.match(await one.acknowledged(known.position), { othersCount: 1 });
  t.ok(Number(await redis.zscore('dc:{g}:seen', id)) > 0);
});

t.test('given members that were lost, nobody knows whom to wait for: a new root', async (t) => {
  const { one, two, redis } = await twoSlots(t);
  const known = await one.look(unmet, []);
  await two.look(unmet, []);
  await redis.del('dc:{g}:members');
  const standing = await one.acknowledged(known.position);
  t.equal(standing.newRoot, 'lost');
  t.not(standing.root, known.root);
  t.equal(standing.othersCount, 0);
  t.equal((await one.look(known, [])).changes, 'gap');
});

t.test('given that the last member has left, the root stays', async (t) => {
  const { one } = await twoSlots(t);
  const known = await one.look(unmet, []);
  await one.leave();
  t.equal((await one.look(known, [])).root, known.root);
});

t.test('given a new root, the members of the old one are forgotten', async (t) => {
  const { one, two, id, redis } = await twoSlots(t);
  const known = await one.look(unmet, []);
  await two.look(unmet, []);
  await redis.hset('dc:{g}:root', 'run', 'another');
  const { root } = await one.look(known, []);
  t.not(root, known.root);
  t.equal(await redis.hexists('dc:{g}:members', id), 0);
  t.equal(await redis.zscore('dc:{g}:seen', id), null);
});

t.test('given a replica, a change is known to have reached it; without one, not', async (t) => {
  const master = await ownServer(t, { args: ['--repl-diskless-sync-delay', '0'] });
  const { slot, redis } = await slotOn(t, master);
  await slot.look(unmet, []);
  t.equal((await slot.invalidate(purge)).replicasCount, 0);
  t.equal(await slot.isReplicated(), false);
  await ownServer(t, { args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  await until(async () => /slave0:.*state=online/.test(await redis.info('replication')));
  t.equal((await slot.invalidate(purge)).replicasCount, 1);
  // A replica on a busy machine may take longer than a reader is made to wait; then it says no, and later yes.
  await until(() => slot.isReplicated(), 'the replica to have it');
});

t.test(
  'given two processes and a replica, a purge that waits is confirmed by both and replicated',
  async (t) => {
    const master = await ownServer(t, { args: ['--repl-diskless-sync-delay', '0'] });
    await ownServer(t, { args: ['--replicaof', '127.0.0.1', `${master.port}`] });
    const { clock, redis } = await slotOn(t, master);
    await until(async () => /slave0:.*state=online/.test(await redis.info('replication')));
    const [one, two] = [await redisProcess(t, master, clock), await redisProcess(t, master, clock)];
    const tags = ['a'];
    const { stamp } = await two.generations.prove(tags);
    const purged = async () => {
      let isOver = false;
      const waiting = one.generations.invalidate(purge, { wait: true }).finally(() => {
        isOver = true;
      });
      await until(async () => {
        // Whatever is under way is answered before this: by our clock no deadline passes meanwhile.
        await Promise.all([one.redis.ping(), two.redis.ping()]);
        if (!isOver) clock.advance(25);
        return isOver;
      }, 'the acknowledgement');
      return waiting;
    };
    await until(async () => (await purged()).reach === 'replicated', 'a replica that answers in time');
    t.match(await purged(), { processesCount: 2, confirmedCount: 2 });
    t.equal(two.generations.compare(stamp, tags).is, 'purged');
  },
);
