import t from 'tap';
import { look, met } from '../../helpers/cache-process.js';

t.test(
  'given a stamp of now, it is current; of other tags, another root or none of them, it is not',
  async (t) => {
    const { generations, proof } = await met(['a', 'b']);
    t.equal(generations.compare(proof.stamp, ['a', 'b']).is, 'current');
    t.equal(generations.compare(proof.stamp, ['b', 'a']).is, 'purged');
    t.equal(generations.compare(proof.stamp, ['a']).is, 'purged');
    t.equal(generations.compare(proof.stamp, ['a', 'b', 'b']).is, 'purged');
    t.equal(generations.compare({ ...proof.stamp, root: 'other' }, ['a', 'b']).is, 'purged');
  },
);

t.test('given a tag that is not known, the verdict is unknown, never current', async (t) => {
  const { generations, proof } = await met(['a']);
  const stamp = {
    root: proof.stamp.root,
    generations: [...proof.stamp.generations, ...proof.stamp.generations],
  };
  t.equal(generations.compare(stamp, ['a', 'b']).is, 'unknown');
});

t.test('given a purged tag beside an unknown one, the verdict is purged', async (t) => {
  const { generations, proof } = await met(['a']);
  const other = { purge: 'f'.repeat(16), expire: 'f'.repeat(16) };
  const stamp = { root: proof.stamp.root, generations: [other, other] };
  t.equal(generations.compare(stamp, ['b', 'a']).is, 'purged');
});

t.test('given a tag pushed out by many others, it is unknown until it is asked for again', async (t) => {
  const process = await met(['a']);
  process.slot.auto = 'answer';
  await process.generations.prove(Array.from({ length: 100_000 }, (_, i) => `t${i}`));
  t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'unknown');
  process.slot.truth.invalidate({ tags: ['a'], mode: 'purge' });
  await process.generations.prove(['a']);
  t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'purged');
});

t.test('given a purge elsewhere, the next look brings it', async (t) => {
  const process = await met(['a', 'b']);
  process.slot.truth.invalidate({ tags: ['a'], mode: 'purge' });
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'current', 'not learned yet');
  await look(process);
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
  const again = process.generations.proveFromMemory(['a', 'b']);
  t.equal(again?.proven, true, 'both are still known');
  t.equal(again && process.generations.compare(again.stamp, ['a', 'b']).is, 'current');
});

t.test(
  'given an expire elsewhere, the verdict names the instant at which this process learned of it',
  async (t) => {
    const process = await met(['a', 'b']);
    process.clock.advance(100);
    process.slot.truth.invalidate({ tags: ['b'], mode: 'expire' });
    process.clock.advance(100);
    const learnedAtMs = process.clock.nowMs();
    await look(process);
    process.clock.advance(500);
    t.same(process.generations.compare(process.proof.stamp, ['a', 'b']), {
      is: 'expired',
      expiredAtMs: learnedAtMs,
    });
  },
);

t.test('given two tags expired one after the other, the first expire counts', async (t) => {
  const process = await met(['a', 'b']);
  const firstMs = process.clock.nowMs();
  process.slot.truth.invalidate({ tags: ['a'], mode: 'expire' });
  await look(process);
  process.clock.advance(100);
  process.slot.truth.invalidate({ tags: ['b'], mode: 'expire' });
  await look(process);
  t.same(process.generations.compare(process.proof.stamp, ['a', 'b']), {
    is: 'expired',
    expiredAtMs: firstMs,
  });
});

t.test('given an expire and then a purge, or both in one look, it is purged', async (t) => {
  const process = await met(['a', 'b']);
  process.slot.truth.invalidate({ tags: ['a', 'b'], mode: 'expire' });
  process.slot.truth.invalidate({ tags: ['b'], mode: 'purge' });
  await look(process);
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
});

t.test('given looks that bring nothing new, the instant of an expire does not move', async (t) => {
  const process = await met(['a']);
  process.slot.truth.invalidate({ tags: ['a'], mode: 'expire' });
  await look(process);
  const learnedAtMs = process.clock.nowMs();
  process.clock.advance(700);
  process.slot.auto = 'answer';
  // Asked for by name although known: its generation comes with the answer and through no change.
  await process.generations.prove(['a', 'new']);
  t.same(process.generations.compare(process.proof.stamp, ['a']), {
    is: 'expired',
    expiredAtMs: learnedAtMs,
  });
});

t.test(
  'given a log that no longer reaches back, a new term begins: all is unknown and found again',
  async (t) => {
    const process = await met(['a', 'b']);
    process.slot.truth.invalidate({ tags: ['a'], mode: 'purge' });
    process.slot.truth.trim();
    await look(process);
    t.equal(process.observer.count('gaps'), 1);
    t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'unknown');
    t.equal(process.generations.proveFromMemory(['a', 'b']), null);
    process.slot.auto = 'answer';
    await process.generations.prove(['a', 'b']);
    t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
    const { stamp } = process.proof;
    const untouched = { root: stamp.root, generations: stamp.generations.slice(1) };
    t.equal(process.generations.compare(untouched, ['b']).is, 'current', 'the other tag was not lost');
  },
);

t.test('given a new root, everything from before is gone', async (t) => {
  const process = await met(['a']);
  process.slot.truth.lose('foreign');
  await look(process);
  t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'purged');
  t.equal(process.observer.count('root:foreign'), 1);
  t.equal(process.observer.count('gaps'), 0, 'a new root is no gap');
  process.slot.auto = 'answer';
  t.equal((await process.generations.prove(['a'])).stamp.root, process.slot.truth.root);
});

t.test('given the first look of all, it is neither a gap nor a loss', async (t) => {
  const { observer } = await met(['a']);
  t.equal(observer.count('root:first'), 1);
  t.equal(observer.count('gaps'), 0);
  t.equal(observer.count('looks'), 1);
});
