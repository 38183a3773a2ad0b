import t from 'tap';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';

const nothing = { root: '', position: '' };

t.test('given its first look, the process learns the root and that it knows nothing', async (t) => {
  const slot = new MemoryControlSlot();
  const answer = await slot.look(nothing, ['a']);
  t.match(answer.root, /^[0-9a-f]{32}$/);
  t.equal(answer.newRoot, 'first');
  t.equal(answer.changes, 'gap');
  t.match(answer.generations, [{ purge: /^[0-9a-f]{16}$/, expire: /^[0-9a-f]{16}$/ }]);
});

t.test('given nothing happened, later looks say so and generations stay', async (t) => {
  const slot = new MemoryControlSlot();
  const first = await slot.look(nothing, ['a', 'b']);
  const second = await slot.look(first, ['b', 'a']);
  t.equal(second.root, first.root);
  t.equal(second.newRoot, null);
  t.same(second.changes, []);
  t.same(second.generations, first.generations.toReversed());
  t.notSame(first.generations[0], first.generations[1]);
});

t.test('given a purge, both halves are new; given an expire, the second alone', async (t) => {
  const slot = new MemoryControlSlot();
  const { root, generations } = await slot.look(nothing, ['a']);
  const before = generations[0];
  await slot.invalidate({ tags: ['a'], mode: 'expire', cause: 'request' });
  const [expired] = (await slot.look({ root, position: '' }, ['a'])).generations;
  t.equal(expired?.purge, before?.purge);
  t.not(expired?.expire, before?.expire);
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  const [purged] = (await slot.look({ root, position: '' }, ['a'])).generations;
  t.not(purged?.purge, expired?.purge);
  t.not(purged?.expire, expired?.expire);
});

t.test('given invalidations, the next look tells them in order and the one after does not', async (t) => {
  const slot = new MemoryControlSlot();
  const { root } = await slot.look(nothing, []);
  await slot.invalidate({ tags: ['a', 'b'], mode: 'purge', cause: 'request' });
  await slot.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' });
  const { changes, generations } = await slot.look({ root, position: '' }, ['a', 'b']);
  t.same(changes === 'gap' ? changes : changes.map(({ tag }) => tag), ['a', 'b', 'a']);
  t.same(changes === 'gap' ? changes : changes[2]?.generation, generations[0]);
  t.same((await slot.look({ root, position: '' }, [])).changes, []);
});

t.test('given a process alone, its word is trusted without end', async (t) => {
  t.equal(new MemoryControlSlot().trustMs, Number.POSITIVE_INFINITY);
});

t.test(
  'given more tags than are remembered, a forgotten one comes back random, never as it was',
  async (t) => {
    const slot = new MemoryControlSlot();
    const first = await slot.look(nothing, ['a']);
    const many = Array.from({ length: 100_000 }, (_, i) => `t${i}`);
    await slot.look(first, many);
    t.notSame((await slot.look(first, ['a'])).generations, first.generations);
  },
);

t.test('given switches, looks tell them, and one that goes on purges its tag', async (t) => {
  const slot = new MemoryControlSlot();
  const first = await slot.look(nothing, ['a']);
  await slot.switch({ tag: 'a', enabled: false, id: 'one', knownNumber: 0 });
  const off = await slot.look(first, ['a']);
  t.same([...off.switches], [['a', { isOff: true, number: 1, id: 'one' }]]);
  t.same(off.generations, first.generations);
  await slot.switch({ tag: 'a', enabled: true, id: 'two', knownNumber: 0 });
  const on = await slot.look(first, ['a']);
  t.same([...on.switches], [['a', { isOff: false, number: 2, id: 'two' }]]);
  t.same(on.invalidations, [{ mode: 'purge', cause: 'switch', tags: ['a'] }]);
  t.not(on.generations[0]?.purge, first.generations[0]?.purge);
});

t.test('given a process alone, there is nobody else to confirm, to replicate to or to leave', async (t) => {
  const slot = new MemoryControlSlot();
  const { root } = await slot.look(nothing, []);
  await slot.confirm();
  t.same(await slot.acknowledged(), { root, newRoot: null, list: root, othersCount: 0, confirmedCount: 0 });
  t.equal(await slot.isReplicated(), false);
  await slot.leave();
});
