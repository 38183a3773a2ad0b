import t from 'tap';
import { RedisControlSlot } from '../../../services/cache/redis-control-slot.js';
import { newProcessId } from '../../../services/cache/stamp.js';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { changedTags, ownServer, slotOn, unmet } from '../../helpers/cache-redis-slot.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

/** Few at a time: on a busy machine a thousand at once would meet the client's time-out. */
async function purgeOften(slot: RedisControlSlot, count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    const some = Array.from({ length: Math.min(50, count - done) }, (_, i) => `t${i}`);
    await Promise.all(some.map((tag) => slot.invalidate({ tags: [tag], mode: 'purge', cause: 'request' })));
  }
}

t.test('given an empty Redis, the first look makes the root and random generations', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
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
  t.same((await redis.keys('*')).sort(), [
    ...['dc:{g}:log', 'dc:{g}:members', 'dc:{g}:root', 'dc:{g}:seen'],
    ...['dc:{g}:t:a', 'dc:{g}:t:b'],
  ]);
  const px = await redis.pttl('dc:{g}:t:a');
  t.ok(px > 13 * 86_400_000 && px <= 14 * 86_400_000, 'a generation outlives entries');
  t.equal(await redis.pttl('dc:{g}:root'), -1);
});

t.test('given another process, it finds the same root and generations', async (t) => {
  const one = await slotOn(t, shared);
  const first = await one.slot.look(unmet, ['a']);
  const other = new RedisControlSlot({
    redis: await cacheRedis(t, shared.url),
    prefix: 'dc:',
    clock: one.clock,
    processId: newProcessId(),
  });
  const answer = await other.look(unmet, ['a']);
  t.equal(answer.root, first.root);
  t.equal(answer.newRoot, null);
  t.same(answer.generations, first.generations);
  t.equal(answer.position, first.position);
});

t.test('given another prefix, it is another truth', async (t) => {
  const { slot, redis, clock } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a']);
  const other = await new RedisControlSlot({
    redis,
    prefix: 'other:',
    clock,
    processId: newProcessId(),
  }).look(unmet, ['a']);
  t.not(other.root, first.root);
  t.equal((await slot.look(first, [])).root, first.root);
});

t.test(
  'given a call, everybody is told which; who knows nothing of calls reads the cause alone',
  async (t) => {
    const { slot, redis } = await slotOn(t, shared);
    const known = await slot.look(unmet, []);
    await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request', callId: 'nightly:7' });
    await slot.invalidate({ tags: ['a'], mode: 'expire', cause: 'table' });
    t.same((await slot.look(known, [])).invalidations, [
      { tags: ['a'], mode: 'purge', cause: 'request', callId: 'nightly:7' },
      { tags: ['a'], mode: 'expire', cause: 'table' },
    ]);
    const [, call] = await redis.xrevrange('dc:{g}:log', '+', '-', 'COUNT', 2);
    const head = call?.[1][1] ?? '';
    t.same(head.split(':').slice(0, 2), ['purge', 'request'], 'as earlier versions read it');
  },
);

t.test('given invalidations, the next look tells them in order, and the one after nothing', async (t) => {
  const { slot } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a', 'b']);
  await slot.invalidate({ tags: ['b', 'c'], mode: 'purge', cause: 'request' });
  await slot.invalidate({ tags: ['a'], mode: 'expire', cause: 'request' });
  await slot.invalidate({ tags: ['b'], mode: 'purge', cause: 'request' });
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
  const { slot } = await slotOn(t, shared);
  const [before] = (await slot.look(unmet, ['a'])).generations;
  await slot.invalidate({ tags: ['a'], mode: 'expire', cause: 'request' });
  const [expired] = (await slot.look(unmet, ['a'])).generations;
  t.equal(expired?.purge, before?.purge);
  t.not(expired?.expire, before?.expire);
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  const [purged] = (await slot.look(unmet, ['a'])).generations;
  t.not(purged?.purge, expired?.purge);
  t.not(purged?.expire, expired?.expire);
});

t.test(
  'given an expire of a tag whose generation was lost, it is a purge: nothing vouches for the old half',
  async (t) => {
    const { slot, redis } = await slotOn(t, shared);
    const [before] = (await slot.look(unmet, ['a'])).generations;
    await redis.del('dc:{g}:t:a');
    await slot.invalidate({ tags: ['a'], mode: 'expire', cause: 'request' });
    const [after] = (await slot.look(unmet, ['a'])).generations;
    t.not(after?.purge, before?.purge);
  },
);

t.test('given an evicted generation, a new random one is made', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a', 'b']);
  await redis.del('dc:{g}:t:a');
  const second = await slot.look(first, ['a', 'b']);
  t.notSame(second.generations[0], first.generations[0]);
  t.same(second.generations[1], first.generations[1]);
  t.equal(second.root, first.root);
});

t.test('given a look for a tag, its generation lives on', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  await slot.look(unmet, ['a']);
  await redis.pexpire('dc:{g}:t:a', 5000);
  await slot.look(unmet, ['a']);
  t.ok((await redis.pttl('dc:{g}:t:a')) > 86_400_000);
});

t.test('given 999 changes since the last look, they are told; given 1001, there is a gap', async (t) => {
  const { slot } = await slotOn(t, shared);
  const first = await slot.look(unmet, []);
  await purgeOften(slot, 999);
  t.equal((await slot.look(first, [])).changes.length, 999);
  await purgeOften(slot, 2);
  const late = await slot.look(first, []);
  t.equal(late.changes, 'gap');
  t.equal(late.newRoot, null);
  t.same((await slot.look(late, [])).changes, [], 'and from there it goes on');
});

t.test('given a log trimmed beyond the known position, there is a gap', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const first = await slot.look(unmet, []);
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  await slot.invalidate({ tags: ['b'], mode: 'purge', cause: 'request' });
  await redis.xtrim('dc:{g}:log', 'MAXLEN', 2);
  t.equal((await slot.look(first, [])).changes, 'gap');
});

t.test('given a log trimmed of what is known only, nothing is lost', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  await slot.look(unmet, []);
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  const known = await slot.look(unmet, []);
  await slot.invalidate({ tags: ['b'], mode: 'purge', cause: 'request' });
  await redis.xtrim('dc:{g}:log', 'MAXLEN', 2);
  t.same(changedTags(await slot.look(known, [])), ['b']);
});

t.test('given many invalidations, the log stays at about its length', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  await purgeOften(slot, 5000);
  const length = await redis.xlen('dc:{g}:log');
  t.ok(length >= 4000 && length < 4500, `${length}`);
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
  const reading = new RedisControlSlot({
    redis: admin,
    prefix: 'dc:',
    clock: new ManualClock(),
    processId: newProcessId(),
  });
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
  await t.rejects(slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }));
});

t.test('given a script cache that was emptied, looks go on', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a']);
  await redis.script('FLUSH');
  t.equal((await slot.look(first, ['a'])).root, first.root);
  await redis.script('FLUSH');
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
});

t.test('given a generation that is none, the look rejects rather than believe it', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  await slot.look(unmet, []);
  await redis.set('dc:{g}:t:a', 'x'.repeat(1000));
  await t.rejects(slot.look(unmet, ['a']), /purge:expire/);
});

t.test('given tags of any text, each is its own, in its key and in the log', async (t) => {
  const { slot } = await slotOn(t, shared);
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
  await slot.invalidate({ tags, mode: 'purge', cause: 'request' });
  const second = await slot.look(first, tags);
  t.same(changedTags(second), tags, 'a change is told under the tag that was meant');
  t.same(
    second.changes === 'gap' ? [] : second.changes.map(({ generation }) => generation),
    second.generations,
  );
});

t.test('given very many tags at once, they are taken, looked up and told', async (t) => {
  const { slot } = await slotOn(t, shared);
  const tags = Array.from({ length: 5_000 }, (_, i) => `t${i}`);
  const first = await slot.look(unmet, tags);
  t.equal(first.generations.length, tags.length);
  await slot.invalidate({ tags, mode: 'purge', cause: 'request' });
  const second = await slot.look(first, []);
  t.same(changedTags(second), tags);
});
