import t from 'tap';
import { Generations } from '../../../services/cache/generations.js';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';
import { silentLog } from '../../../services/log.js';
import { isolate, met, pairOn } from '../../helpers/cache-process.js';
import { CountingObserver, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

t.test('given a switch in one process, it is in force in every process when it resolves', async (t) => {
  const { one, two, clock } = await pairOn(['a']);
  for (const enabled of [false, true]) {
    let isOver = false;
    const done = one.generations.switch({ tag: 'a', enabled }).finally(() => {
      isOver = true;
    });
    await turns();
    clock.advance(25);
    await turns();
    t.equal(isOver, false, 'the other has not looked yet');
    t.equal(two.generations.isSwitchedOff(['a']), enabled);
    await two.generations.refresh();
    clock.advance(25);
    t.same(await done, { reach: 'primary', processesCount: 2, confirmedCount: 2 });
    for (const { generations } of [one, two]) {
      t.equal(generations.isSwitchedOff(['b', 'a']), !enabled);
      t.equal(generations.isSwitchedOff(['b']), false);
      t.same([...generations.switches()], [['a', !enabled]]);
    }
  }
  for (const { observer } of [one, two])
    t.same(observer.switches, [
      { tag: 'a', enabled: false },
      { tag: 'a', enabled: true },
    ]);
  t.equal(one.observer.count('switches'), 2);
  t.equal(two.observer.count('switches'), 0);
});

t.test('given a switch that goes on, whoever sees it sees the purge with it', async (t) => {
  const { one, two } = await pairOn(['a']);
  await one.generations.switch({ tag: 'a', enabled: false }, { wait: false });
  const { stamp } = await two.generations.prove(['a']);
  await two.generations.refresh();
  t.equal(two.generations.compare(stamp, ['a']).is, 'current', 'off purges nothing');
  await one.generations.switch({ tag: 'a', enabled: true }, { wait: false });
  t.equal(one.generations.compare(stamp, ['a']).is, 'purged');
  t.equal(two.generations.isSwitchedOff(['a']), true);
  await two.generations.refresh();
  t.equal(two.generations.isSwitchedOff(['a']), false);
  t.equal(two.generations.compare(stamp, ['a']).is, 'purged');
  const told = [{ mode: 'purge', cause: 'switch', tags: ['a'], taken: true }];
  t.same(one.observer.invalidations, told);
  t.same(two.observer.invalidations, told);
  t.equal(one.observer.count('purges'), 0);
});

t.test('given a process that knows nothing, it adopts the switches at its first look', async (t) => {
  const process = await met([]);
  process.slot.truth.switch({ tag: 'a', enabled: false, id: 'x', knownNumber: 0 });
  const { generations, slot, observer } = process;
  slot.auto = 'answer';
  t.equal(await generations.refresh(), true);
  t.equal(generations.isSwitchedOff(['a']), true);
  t.same(observer.switches, [{ tag: 'a', enabled: false }]);
  await generations.refresh();
  t.equal(observer.switches.length, 1, 'told once');
});

for (const [what, happens] of [
  ['switches were lost', 'clear'],
  ['everything was lost', 'lose'],
] as const)
  t.test(`given that ${what}, a process that knows them writes them back`, async (t) => {
    const { one, two, truth } = await pairOn(['a']);
    await one.generations.switch({ tag: 'a', enabled: false }, { wait: false });
    await one.generations.switch({ tag: 'b', enabled: false }, { wait: false });
    await two.generations.refresh();
    const before = new Map(truth.switches);
    if (happens === 'lose') truth.lose();
    else truth.switches.clear();
    await two.generations.refresh();
    t.equal(two.generations.isSwitchedOff(['a']), true, 'what is missing is not on');
    await turns();
    t.same(truth.switches, before);
    const { position } = truth;
    await one.generations.refresh();
    await turns();
    t.equal(truth.position, position, 'and once is enough');
  });

t.test('given an older state in the slot, it is raised; a newer one is learned', async (t) => {
  const { one, two, truth } = await pairOn(['a']);
  for (const enabled of [false, true, false])
    await one.generations.switch({ tag: 'a', enabled }, { wait: false });
  truth.switches.set('a', { isOff: false, number: 2, id: 'old' });
  await one.generations.refresh();
  await turns();
  t.match(truth.switches.get('a'), { isOff: true, number: 3 });
  truth.switches.set('a', { isOff: false, number: 9, id: 'new' });
  await one.generations.refresh();
  t.equal(one.generations.isSwitchedOff(['a']), false);
  await two.generations.switch({ tag: 'a', enabled: false }, { wait: false });
  t.match(truth.switches.get('a'), { number: 10 });
});

t.test('given a silent slot, a switch holds here, rejects, and lands later in its order', async (t) => {
  const process = await met(['a', 'b']);
  const { slot, generations, observer, proof } = process;
  await isolate(process);
  const purge = { tags: ['b'], mode: 'purge', cause: 'request' } as const;
  await t.rejects(generations.switch({ tag: 'a', enabled: false }), /did not take the switch.*tried again/);
  t.equal(generations.isSwitchedOff(['a']), true);
  await t.rejects(generations.invalidate(purge, { wait: true }), /did not take the invalidation/);
  await t.rejects(generations.switch({ tag: 'a', enabled: true }));
  t.equal(generations.isSwitchedOff(['a']), false);
  t.equal(generations.compare(proof.stamp, ['a', 'b']).is, 'purged', 'on purges here too');
  t.same(observer.switches, [
    { tag: 'a', enabled: false },
    { tag: 'a', enabled: true },
  ]);
  t.same(observer.invalidations, [
    { ...purge, taken: false },
    { tags: ['a'], mode: 'purge', cause: 'switch', taken: false },
  ]);
  slot.auto = null;
  const refreshed = generations.refresh();
  const landed: string[] = [];
  for (let i = 0; i < 4; i++) {
    const call = await slot.next();
    landed.push(`${call.name} ${call.tags}`);
    call.answer();
    await turns(1);
  }
  t.equal(await refreshed, true);
  t.same(landed, ['switch a', 'invalidate b', 'switch a', 'look ']);
  t.match(slot.truth.switches.get('a'), { isOff: false, number: 2 });
  t.equal(observer.switches.length, 2, 'what was told when it was made is not told again');
  t.same(observer.invalidations.slice(2), [
    { ...purge, taken: true },
    { tags: ['a'], mode: 'purge', cause: 'switch', taken: true },
  ]);
});

t.test('given a silent slot and switches asked for at once, the last one holds here', async (t) => {
  const process = await met(['a']);
  const { slot, generations } = process;
  await isolate(process);
  const asked = [false, true].map((enabled) => generations.switch({ tag: 'a', enabled }));
  await Promise.allSettled(asked);
  t.equal(generations.isSwitchedOff(['a']), false);
  slot.auto = 'answer';
  await generations.refresh();
  t.equal(generations.isSwitchedOff(['a']), false);
  t.match(slot.truth.switches.get('a'), { isOff: false, number: 2 });
});

t.test('given a switch whose answer was lost, it is made once', async (t) => {
  const { slot, generations } = await met(['a']);
  const switched = generations.switch({ tag: 'a', enabled: true, id: 'mine' });
  (await slot.next()).carryOut();
  (await slot.next()).lose();
  await t.rejects(switched);
  const { position } = slot.truth;
  slot.auto = 'answer';
  t.equal(await generations.refresh(), true);
  await turns();
  t.equal(slot.truth.position, position);
  t.same(slot.truth.switches.get('a'), { isOff: false, number: 1, id: 'mine' });
});

t.test('given no Redis, switches are kept in memory until the end of the process', async (t) => {
  const [clock, observer] = [new ManualClock(), new CountingObserver()];
  const generations = new Generations({ slot: new MemoryControlSlot(), clock, log: silentLog, observer });
  const { stamp } = await generations.prove(['a']);
  const alone = { reach: 'memory', processesCount: 1, confirmedCount: 1 };
  t.same(await generations.switch({ tag: 'a', enabled: false }), alone);
  t.equal(generations.isSwitchedOff(['a']), true);
  t.equal(generations.compare(stamp, ['a']).is, 'current');
  t.same(await generations.switch({ tag: 'a', enabled: true }), alone);
  t.equal(generations.isSwitchedOff(['a']), false);
  t.equal(generations.compare(stamp, ['a']).is, 'purged');
  t.same(observer.invalidations, [{ mode: 'purge', cause: 'switch', tags: ['a'], taken: true }]);
});
