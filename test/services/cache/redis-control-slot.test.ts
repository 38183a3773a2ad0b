import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { LookAnswer } from '../../../services/cache/control-slot.js';
import { Generations } from '../../../services/cache/generations.js';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { silentLog } from '../../../services/log.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { CountingObserver } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';

const unmet = { root: '', position: '' };

/** All that the cache asks of its user: what ioredis sends when it connects, then the scripts, then the entries. */
const ACL_RULES = [
  ...['resetkeys', '~dc:*', '-@all', '+info', '+client|setname', '+eval', '+evalsha'],
  ...['+hmget', '+hset', '+del', '+xadd', '+xrange', '+xrevrange', '+get', '+set', '+pexpire'],
];

interface Slot {
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly slot: RedisControlSlot;
  readonly clock: ManualClock;
}

const shared = await startRedis();
t.teardown(() => shared.stop());

/** A slot on the server that the tests share, emptied; or on another. */
async function slotOn(t: Test, server = shared): Promise<Slot> {
  const redis = await cacheRedis(t, server.url);
  if (server === shared) await redis.flushall();
  const clock = new ManualClock();
  return { server, redis, clock, slot: new RedisControlSlot({ redis, prefix: 'dc:', clock }) };
}

async function ownServer(t: Test, options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  t.teardown(() => server.stop());
  return server;
}

function changedTags({ changes }: LookAnswer): string[] | 'gap' {
  return changes === 'gap' ? changes : changes.map(({ tag }) => tag);
}

t.test('given an empty Redis, the first look makes the root and random generations', async (t) => {
  const { slot, redis } = await slotOn(t);
  const answer = await slot.look(unmet, ['a', 'b']);
  t.match(answer.root, /^[0-9a-f]{32}$/);
  t.equal(answer.newRoot, 'first');
  t.equal(answer.changes, 'gap');
  const half = /^[0-9a-f]{16}$/;
  t.match(answer.generations, [
    { purge: half, expire: half },
    { purge: half, expire: half },
  ]);
  t.notSame(answer.generations[0], answer.generations[1]);
  t.equal(slot.trustMs, 1000);
  t.same((await redis.keys('*')).sort(), ['dc:{g}:log', 'dc:{g}:root', 'dc:{g}:t:a', 'dc:{g}:t:b']);
  const px = await redis.pttl('dc:{g}:t:a');
  t.ok(px > 13 * 86_400_000 && px <= 14 * 86_400_000, 'a generation outlives entries');
  t.equal(await redis.pttl('dc:{g}:root'), -1);
});

t.test('given another process, it finds the same root and generations', async (t) => {
  const one = await slotOn(t);
  const first = await one.slot.look(unmet, ['a']);
  const other = new RedisControlSlot({
    redis: await cacheRedis(t, shared.url),
    prefix: 'dc:',
    clock: one.clock,
  });
  const answer = await other.look(unmet, ['a']);
  t.equal(answer.root, first.root);
  t.equal(answer.newRoot, null);
  t.same(answer.generations, first.generations);
  t.equal(answer.position, first.position);
});

t.test('given another prefix, it is another truth', async (t) => {
  const { slot, redis, clock } = await slotOn(t);
  const first = await slot.look(unmet, ['a']);
  const other = await new RedisControlSlot({ redis, prefix: 'other:', clock }).look(unmet, ['a']);
  t.not(other.root, first.root);
  t.equal((await slot.look(first, [])).root, first.root);
});

t.test('given invalidations, the next look tells them in order, and the one after nothing', async (t) => {
  const { slot } = await slotOn(t);
  const first = await slot.look(unmet, ['a', 'b']);
  await slot.invalidate({ tags: ['b', 'c'], mode: 'purge' });
  await slot.invalidate({ tags: ['a'], mode: 'expire' });
  await slot.invalidate({ tags: ['b'], mode: 'purge' });
  const second = await slot.look(first, ['a', 'b', 'c']);
  t.same(changedTags(second), ['b', 'c', 'a', 'b']);
  t.equal(second.root, first.root);
  const changes = second.changes === 'gap' ? [] : second.changes;
  t.same(changes[2]?.generation, second.generations[0]);
  t.same(changes[3]?.generation, second.generations[1]);
  t.same(changes[1]?.generation, second.generations[2]);
  t.not(second.position, first.position);
  t.same((await slot.look(second, [])).changes, []);
  t.same(changedTags(await slot.look(first, [])), ['b', 'c', 'a', 'b'], 'asked from the same place again');
});

t.test('given a purge, both halves are new; given an expire, the purge half stays', async (t) => {
  const { slot } = await slotOn(t);
  const [before] = (await slot.look(unmet, ['a'])).generations;
  await slot.invalidate({ tags: ['a'], mode: 'expire' });
  const [expired] = (await slot.look(unmet, ['a'])).generations;
  t.equal(expired?.purge, before?.purge);
  t.not(expired?.expire, before?.expire);
  await slot.invalidate({ tags: ['a'], mode: 'purge' });
  const [purged] = (await slot.look(unmet, ['a'])).generations;
  t.not(purged?.purge, expired?.purge);
  t.not(purged?.expire, expired?.expire);
});

t.test(
  'given an expire of a tag whose generation was lost, it is a purge: nothing vouches for the old half',
  async (t) => {
    const { slot, redis } = await slotOn(t);
    const [before] = (await slot.look(unmet, ['a'])).generations;
    await redis.del('dc:{g}:t:a');
    await slot.invalidate({ tags: ['a'], mode: 'expire' });
    const [after] = (await slot.look(unmet, ['a'])).generations;
    t.not(after?.purge, before?.purge);
  },
);

t.test('given an evicted generation, a new random one is made', async (t) => {
  const { slot, redis } = await slotOn(t);
  const first = await slot.look(unmet, ['a', 'b']);
  await redis.del('dc:{g}:t:a');
  const second = await slot.look(first, ['a', 'b']);
  t.notSame(second.generations[0], first.generations[0]);
  t.same(second.generations[1], first.generations[1]);
  t.equal(second.root, first.root);
});

t.test('given a look for a tag, its generation lives on', async (t) => {
  const { slot, redis } = await slotOn(t);
  await slot.look(unmet, ['a']);
  await redis.pexpire('dc:{g}:t:a', 5000);
  await slot.look(unmet, ['a']);
  t.ok((await redis.pttl('dc:{g}:t:a')) > 86_400_000);
});

t.test('given 999 changes since the last look, they are told; given 1001, there is a gap', async (t) => {
  const { slot } = await slotOn(t);
  const first = await slot.look(unmet, []);
  const purge = (i: number) => slot.invalidate({ tags: [`t${i}`], mode: 'purge' });
  await Promise.all(Array.from({ length: 999 }, (_, i) => purge(i)));
  t.equal((await slot.look(first, [])).changes.length, 999);
  await purge(999);
  await purge(1000);
  const late = await slot.look(first, []);
  t.equal(late.changes, 'gap');
  t.equal(late.newRoot, null);
  t.same((await slot.look(late, [])).changes, [], 'and from there it goes on');
});

t.test('given a log trimmed beyond the known position, there is a gap', async (t) => {
  const { slot, redis } = await slotOn(t);
  const first = await slot.look(unmet, []);
  await slot.invalidate({ tags: ['a'], mode: 'purge' });
  await slot.invalidate({ tags: ['b'], mode: 'purge' });
  await redis.xtrim('dc:{g}:log', 'MAXLEN', 2);
  t.equal((await slot.look(first, [])).changes, 'gap');
});

t.test('given a log trimmed of what is known only, nothing is lost', async (t) => {
  const { slot, redis } = await slotOn(t);
  await slot.look(unmet, []);
  await slot.invalidate({ tags: ['a'], mode: 'purge' });
  const known = await slot.look(unmet, []);
  await slot.invalidate({ tags: ['b'], mode: 'purge' });
  await redis.xtrim('dc:{g}:log', 'MAXLEN', 2);
  t.same(changedTags(await slot.look(known, [])), ['b']);
});

t.test('given many invalidations, the log stays at about its length', async (t) => {
  const { slot, redis } = await slotOn(t);
  for (let round = 0; round < 10; round++)
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => slot.invalidate({ tags: [`t${i}`], mode: 'purge' })),
    );
  const length = await redis.xlen('dc:{g}:log');
  t.ok(length >= 4000 && length < 4500, `${length}`);
});

t.test('given a log trimmed to nothing, what it said is lost: a new root', async (t) => {
  const { slot, redis } = await slotOn(t);
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
    const { slot, redis } = await slotOn(t);
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
  const { slot, redis } = await slotOn(t);
  const first = await slot.look(unmet, ['a']);
  await redis.flushdb();
  t.equal(await slot.invalidate({ tags: ['a'], mode: 'purge' }), 'lost');
  t.equal(await slot.invalidate({ tags: ['a'], mode: 'purge' }), null);
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
    const { slot, redis } = await slotOn(t);
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
  await slot.invalidate({ tags: ['a'], mode: 'purge' });
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
  const promoted = new RedisControlSlot({ redis: admin, prefix: 'dc:', clock: one.clock });
  const second = await promoted.look(first, ['a']);
  t.not(second.root, first.root);
  t.equal(second.newRoot, 'foreign');
});

t.test('given a replica that still is one, a look is refused: its word may be old', async (t) => {
  // A new replica is not kept waiting for others to come.
  const master = await ownServer(t, { args: ['--repl-diskless-sync-delay', '0'] });
  const replica = await ownServer(t, { args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  const admin = await cacheRedis(t, replica.url);
  await until(async () => (await admin.info('replication')).includes('master_link_status:up'));
  const { slot } = await slotOn(t, master);
  const first = await slot.look(unmet, ['a']);
  await until(async () => (await admin.exists('dc:{g}:t:a')) === 1);
  const reading = new RedisControlSlot({ redis: admin, prefix: 'dc:', clock: new ManualClock() });
  await t.rejects(reading.look(first, ['a']), /READONLY/);
});

t.test('given a frozen Redis, a look ends at 200 ms', async (t) => {
  const server = await ownServer(t);
  const { slot, clock } = await slotOn(t, server);
  await slot.look(unmet, []);
  server.freeze();
  t.teardown(() => server.thaw());
  const look = slot.look(unmet, ['a']);
  clock.advance(199);
  const early = await Promise.race([
    look.catch(() => 'ended'),
    new Promise((go) => setTimeout(go, 20, 'waits')),
  ]);
  t.equal(early, 'waits');
  clock.advance(1);
  await t.rejects(look, /within 200 ms/);
});

t.test('given no connection, a look and an invalidation reject at once', async (t) => {
  const server = await ownServer(t);
  const { slot, redis } = await slotOn(t, server);
  redis.disconnect();
  await t.rejects(slot.look(unmet, []));
  await t.rejects(slot.invalidate({ tags: ['a'], mode: 'purge' }));
});

t.test('given a script cache that was emptied, looks go on', async (t) => {
  const { slot, redis } = await slotOn(t);
  const first = await slot.look(unmet, ['a']);
  await redis.script('FLUSH');
  t.equal((await slot.look(first, ['a'])).root, first.root);
  await redis.script('FLUSH');
  await slot.invalidate({ tags: ['a'], mode: 'purge' });
});

t.test('given a generation that is none, the look rejects rather than believe it', async (t) => {
  const { slot, redis } = await slotOn(t);
  await slot.look(unmet, []);
  await redis.set('dc:{g}:t:a', 'x'.repeat(1000));
  await t.rejects(slot.look(unmet, ['a']), /purge:expire/);
});

t.test('given tags of any text, each is its own, in its key and in the log', async (t) => {
  const { slot } = await slotOn(t);
  const tags = [
    ...[
      '\ud800',
      '\ud801',
      '\ufffd',
      '',
      ' ',
      '*',
      '{x}',
      '}',
      'a:b',
      '"',
      '\\',
      '\\ud800',
      '\r\n',
      '\u0000',
    ],
    ...['Köln', '😀', 'e\u0301', 'é', 'x'.repeat(500)],
  ];
  const first = await slot.look(unmet, tags);
  t.equal(new Set(first.generations.map(({ purge }) => purge)).size, tags.length);
  await slot.invalidate({ tags, mode: 'purge' });
  const second = await slot.look(first, tags);
  t.same(changedTags(second), tags, 'a change is told under the tag that was meant');
  t.same(
    second.changes === 'gap' ? [] : second.changes.map(({ generation }) => generation),
    second.generations,
  );
});

t.test('given very many tags at once, they are taken, looked up and told', async (t) => {
  const { slot } = await slotOn(t);
  const tags = Array.from({ length: 5_000 }, (_, i) => `t${i}`);
  const first = await slot.look(unmet, tags);
  t.equal(first.generations.length, tags.length);
  await slot.invalidate({ tags, mode: 'purge' });
  const second = await slot.look(first, []);
  t.same(changedTags(second), tags);
});

t.test('given an ACL user limited to our prefix, everything works and nothing else is allowed', async (t) => {
  const server = await ownServer(t, { user: { name: 'dash', password: 'secret', rules: ACL_RULES } });
  const { slot, redis } = await slotOn(t, server);
  const first = await slot.look(unmet, ['a']);
  await slot.invalidate({ tags: ['a'], mode: 'expire' });
  await slot.invalidate({ tags: ['a'], mode: 'purge' });
  t.same(changedTags(await slot.look(first, ['a'])), ['a', 'a']);
  t.equal(await redis.set('dc:{x}:v', 'frame', 'PX', 1000), 'OK');
  t.equal(await redis.get('dc:{x}:v'), 'frame');
  await t.rejects(redis.set('foreign', '1'), /NOPERM/);
  await t.rejects(redis.get('foreign'), /NOPERM/);
  await t.rejects(redis.keys('*'), /NOPERM/);
  await t.rejects(redis.flushdb(), /NOPERM/);
  await t.rejects(redis.config('GET', 'dir'), /NOPERM/);
  const outside = new RedisControlSlot({ redis, prefix: 'other:', clock: new ManualClock() });
  await t.rejects(outside.look(unmet, ['a']), /NOPERM|ACL/i);
  const admin = await cacheRedis(t, server.adminUrl);
  t.ok(
    (await admin.keys('*')).every((key) => key.startsWith('dc:')),
    'no key outside the prefix',
  );
});

async function processOn(t: Test, server: RedisServer, clock: ManualClock) {
  const observer = new CountingObserver();
  const redis = await cacheRedis(t, server.url);
  const slot = new RedisControlSlot({ redis, prefix: 'dc:', clock });
  const generations = new Generations({ slot, clock, log: silentLog, observer });
  t.teardown(() => generations.stop());
  await generations.start();
  return { generations, observer };
}

for (const mode of ['purge', 'expire'] as const)
  t.test(`given two processes, a ${mode} in one is in force in the other within one poll`, async (t) => {
    const { clock } = await slotOn(t);
    const [one, other] = [await processOn(t, shared, clock), await processOn(t, shared, clock)];
    const tags = ['all', 'panel'];
    const proof = await other.generations.prove(tags);
    t.same(await one.generations.prove(tags), proof, 'they agree');
    await one.generations.invalidate({ tags: ['panel'], mode });
    t.equal(other.generations.compare(proof.stamp, tags).is, 'current', 'it can not know yet');
    const looks = other.observer.count('looks');
    clock.advance(250);
    await until(() => other.observer.count('looks') > looks, 'the poll');
    t.equal(other.generations.compare(proof.stamp, tags).is, mode === 'purge' ? 'purged' : 'expired');
    t.same(await one.generations.prove(tags), await other.generations.prove(tags), 'they agree again');
  });

t.test('given two processes that purge at once, both follow the order of the log', async (t) => {
  const { clock } = await slotOn(t);
  const [one, other] = [await processOn(t, shared, clock), await processOn(t, shared, clock)];
  await Promise.all([one.generations.prove(['a']), other.generations.prove(['a'])]);
  for (let round = 0; round < 20; round++) {
    await Promise.all([
      one.generations.invalidate({ tags: ['a'], mode: 'purge' }),
      other.generations.invalidate({ tags: ['a'], mode: 'purge' }),
    ]);
  }
  clock.advance(1000);
  t.same(await one.generations.prove(['a']), await other.generations.prove(['a']));
});

t.test('given FLUSHDB, everything that either process stamped is gone once it has looked', async (t) => {
  const { clock, redis } = await slotOn(t);
  const one = await processOn(t, shared, clock);
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
    const { clock, redis } = await slotOn(t);
    const one = await processOn(t, shared, clock);
    await redis.flushdb();
    await one.generations.invalidate({ tags: ['a'], mode: 'purge' });
    t.equal(one.observer.count('root:lost'), 1);
  },
);
