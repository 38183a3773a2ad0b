import t from 'tap';
import { cacheRedis, until } from '../../helpers/cache-redis.js';
import { ownServer, redisProcess, slotOn, unmet } from '../../helpers/cache-redis-slot.js';
import { startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const off = { tag: 'a', enabled: false, id: 'one', knownNumber: 0 };
const on = { tag: 'a', enabled: true, id: 'two', knownNumber: 0 };

t.test('given a switch that goes off, looks tell it, and its position can be confirmed', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a']);
  t.same([...first.switches], []);
  const { position, root, newRoot } = await slot.switch(off);
  t.equal(root, first.root);
  t.equal(newRoot, null);
  t.equal(await redis.hget('dc:{g}:switch', 'a'), 'off:1:one');
  const second = await slot.look(first, ['a']);
  t.equal(second.position, position);
  t.not(position, first.position);
  t.same([...second.switches], [['a', { isOff: true, number: 1, id: 'one' }]]);
  t.same(second.changes, []);
  t.same(second.invalidations, []);
  t.same(second.generations, first.generations);
});

t.test('given a switch that goes on, the look that tells it tells the purge', async (t) => {
  const { slot } = await slotOn(t, shared);
  const first = await slot.look(unmet, ['a']);
  await slot.switch(off);
  const { position } = await slot.switch(on);
  const second = await slot.look(first, ['a']);
  t.equal(second.position, position);
  t.same([...second.switches], [['a', { isOff: false, number: 2, id: 'two' }]]);
  t.same(second.invalidations, [{ mode: 'purge', cause: 'switch', tags: ['a'] }]);
  t.not(second.generations[0]?.purge, first.generations[0]?.purge);
  t.not(second.generations[0]?.expire, first.generations[0]?.expire);
  t.same(second.changes, [{ tag: 'a', generation: second.generations[0] }]);
});

t.test('given a change that is sent again, it is made once', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  for (const change of [off, on]) {
    const made = await slot.switch(change);
    const [generation, log] = [await redis.get('dc:{g}:t:a'), await redis.xlen('dc:{g}:log')];
    t.equal((await slot.switch(change)).position, made.position);
    t.equal(await redis.get('dc:{g}:t:a'), generation);
    t.equal(await redis.xlen('dc:{g}:log'), log);
  }
  t.equal(await redis.hget('dc:{g}:switch', 'a'), 'on:2:two');
});

t.test('given a process that knows more changes than Redis, the next one counts on from there', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  await slot.switch({ ...off, knownNumber: 7 });
  t.equal(await redis.hget('dc:{g}:switch', 'a'), 'off:8:one');
  await slot.switch({ ...on, knownNumber: 3 });
  t.equal(await redis.hget('dc:{g}:switch', 'a'), 'on:9:two');
});

t.test('given a state written back, its number only rises, and of two equal ones off wins', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  await slot.look(unmet, []);
  for (const [there, back, after] of [
    [null, { isOff: true, number: 2, id: 'x' }, 'off:2:x'],
    ['off:1:y', { isOff: false, number: 2, id: 'x' }, 'on:2:x'],
    ['off:3:y', { isOff: false, number: 2, id: 'x' }, 'off:3:y'],
    ['on:2:y', { isOff: true, number: 2, id: 'x' }, 'off:2:x'],
    ['off:2:y', { isOff: false, number: 2, id: 'x' }, 'off:2:y'],
    ['off:2:y', { isOff: true, number: 2, id: 'x' }, 'off:2:y'],
    ['nonsense', { isOff: true, number: 1, id: 'x' }, 'off:1:x'],
  ] as const) {
    await redis.del('dc:{g}:switch');
    if (there) await redis.hset('dc:{g}:switch', 'a', there);
    const generation = await redis.get('dc:{g}:t:a');
    await slot.restore('a', back);
    t.equal(await redis.hget('dc:{g}:switch', 'a'), after, `${there} and ${after}`);
    const isPurged = (await redis.get('dc:{g}:t:a')) !== generation;
    t.equal(isPurged, after === 'on:2:x', 'on never comes without the purge');
  }
});

t.test('given tags of any text, each has a switch of its own; what is no state is left out', async (t) => {
  const { slot, redis } = await slotOn(t, shared);
  const tags = ['', '"', 'a:b', '\ud800', '\ud801', 'Köln', '{x}', '\u0000'];
  for (const tag of tags) await slot.switch({ ...off, tag });
  await redis.hset('dc:{g}:switch', 'broken', 'on');
  t.same([...(await slot.look(unmet, [])).switches.keys()].sort(), tags.toSorted());
});

for (const [what, command] of [
  ['the switches are evicted', ['DEL', 'dc:{g}:switch']],
  ['FLUSHALL', ['FLUSHALL']],
  ['an older state is restored', ['HSET', 'dc:{g}:switch', 'a', 'on:1:old']],
] as const)
  t.test(`given that ${what}, live processes bring the switch back`, async (t) => {
    const { clock, redis } = await slotOn(t, shared);
    const [one, two] = [await redisProcess(t, shared, clock), await redisProcess(t, shared, clock)];
    for (const enabled of [false, true, false])
      await one.generations.switch({ tag: 'a', enabled }, { wait: false });
    await two.generations.refresh();
    const [name, ...args] = command;
    await redis.call(name, ...args);
    await one.generations.refresh();
    await until(async () => /^off:3:/.test((await redis.hget('dc:{g}:switch', 'a')) ?? ''), 'the switch');
    await two.generations.refresh();
    for (const { generations } of [one, two]) t.equal(generations.isSwitchedOff(['a']), true);
    const third = await redisProcess(t, shared, clock);
    t.equal(third.generations.isSwitchedOff(['a']), true, 'and a new process adopts it');
  });

t.test('given a Redis that is gone, a switch holds here and lands when it is back', async (t) => {
  const server = await ownServer(t);
  const { clock, redis } = await slotOn(t, server);
  const [one, two] = [await redisProcess(t, server, clock), await redisProcess(t, server, clock)];
  await server.kill();
  await until(() => redis.status !== 'ready');
  await t.rejects(one.generations.switch({ tag: 'a', enabled: false }), /did not take the switch/);
  t.equal(one.generations.isSwitchedOff(['a']), true);
  t.equal(two.generations.isSwitchedOff(['a']), false);
  await server.restart();
  const admin = await cacheRedis(t, server.url);
  await until(async () => {
    await one.generations.refresh();
    return (await admin.hexists('dc:{g}:switch', 'a')) === 1;
  }, 'the switch');
  await until(() => two.generations.refresh(), 'a look');
  t.equal(two.generations.isSwitchedOff(['a']), true);
});
