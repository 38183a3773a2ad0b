import t from 'tap';
import { isolate, met, pairOn } from '../../helpers/cache-process.js';

const purge = { tags: ['a', 'not in use'], mode: 'purge', cause: 'request' } as const;
const expire = { tags: ['b'], mode: 'expire', cause: 'table' } as const;

t.test('given invalidations, every process is told of each once, with its cause', async (t) => {
  const { one, two } = await pairOn(['a']);
  await one.generations.invalidate(purge, { wait: false });
  await two.generations.invalidate(expire, { wait: false });
  for (const { generations, observer } of [one, two]) {
    await generations.refresh();
    await generations.refresh();
    t.same(observer.invalidations, [
      { ...purge, taken: true },
      { ...expire, taken: true },
    ]);
  }
});

t.test('given a gap, what was made here is told all the same', async (t) => {
  const { one, two, truth } = await pairOn(['a']);
  one.slot.auto = null;
  const done = one.generations.invalidate(purge, { wait: false });
  (await one.slot.next()).answer();
  truth.invalidate(expire);
  truth.trim();
  one.slot.auto = 'answer';
  await done;
  t.equal(one.observer.count('gaps'), 1);
  t.same(one.observer.invalidations, [{ ...purge, taken: true }]);
  await two.generations.refresh();
  t.same(two.observer.invalidations, [], 'nobody knows what was in the gap');
});

t.test('given a lost look after an invalidation that landed, it is told once, as taken', async (t) => {
  const { slot, generations, observer } = await met(['a']);
  const done = generations.invalidate(purge, { wait: false });
  (await slot.next()).answer();
  (await slot.next()).lose();
  await t.rejects(done);
  t.same(observer.invalidations, []);
  slot.auto = 'answer';
  await generations.refresh();
  t.same(observer.invalidations, [{ ...purge, taken: true }]);
});

t.test('given an invalidation that was not taken, it is told so, and again when it lands', async (t) => {
  const process = await met(['a']);
  const { slot, generations, observer } = process;
  await isolate(process);
  await t.rejects(generations.invalidate(purge, { wait: false }));
  t.same(observer.invalidations, [{ ...purge, taken: false }]);
  slot.auto = 'answer';
  await generations.refresh();
  t.same(observer.invalidations.slice(1), [{ ...purge, taken: true }]);
});
