import t from 'tap';
import { isolate, look, met, processOn } from '../../helpers/cache-process.js';
import { turns } from '../../helpers/cache-room.js';

t.test('given a slot that never answered, proofs are of this process alone and stay the same', async (t) => {
  const { slot, generations } = processOn();
  slot.auto = 'silent';
  const proof = await generations.prove(['a']);
  t.equal(proof.proven, false);
  t.equal(generations.isIsolated, true);
  const again = generations.proveFromMemory(['a', 'b']);
  t.equal(again?.proven, false);
  t.same(again?.stamp.generations[0], proof.stamp.generations[0]);
  t.equal(generations.compare(proof.stamp, ['a']).is, 'current');
});

t.test('given isolation, no reader waits for another look', async (t) => {
  const process = await met(['a']);
  await isolate(process);
  process.slot.auto = null;
  const looks = process.slot.looksCount;
  t.equal((await process.generations.prove(['a', 'new'])).proven, false);
  t.ok(process.generations.proveFromMemory(['another']));
  t.equal(process.slot.looksCount, looks);
});

t.test('given isolation, what was known is still compared, and its stamps are unproven', async (t) => {
  const process = await met(['a']);
  await isolate(process);
  t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'current');
  t.same(process.generations.proveFromMemory(['a']), { stamp: process.proof.stamp, proven: false });
});

t.test(
  'given a failed look with trust left, what is known stays proven and nobody is isolated',
  async (t) => {
    const process = await met(['a']);
    process.slot.auto = 'silent';
    process.clock.advance(500);
    t.equal((await process.generations.prove(['new'])).proven, false);
    t.equal(process.generations.isIsolated, false);
    t.equal(process.generations.proveFromMemory(['a'])?.proven, true);
    t.equal(process.generations.proveFromMemory(['a', 'new'])?.proven, false, 'one of them was made up');
  },
);

t.test(
  'given an answer after silence, made-up generations are forgotten and the old ones compared',
  async (t) => {
    const process = await met(['a']);
    await isolate(process);
    const alone = await process.generations.prove(['a', 'new']);
    t.equal(process.generations.compare(alone.stamp, ['a', 'new']).is, 'current');
    process.slot.auto = 'answer';
    await process.generations.start();
    process.generations.stop();
    t.equal(process.generations.isIsolated, false);
    t.equal(process.generations.compare(alone.stamp, ['a', 'new']).is, 'unknown');
    await process.generations.prove(['a', 'new']);
    t.equal(process.generations.compare(alone.stamp, ['a', 'new']).is, 'purged');
    t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'current', 'no purge was missed');
  },
);

t.test(
  'given a purge while this process was cut off, its old entries are gone at the first answer',
  async (t) => {
    const process = await met(['a']);
    await isolate(process);
    process.slot.truth.invalidate({ tags: ['a'], mode: 'purge' });
    t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'current', 'it can not know');
    process.slot.auto = 'answer';
    await look(process).catch(() => {});
    process.slot.auto = 'answer';
    await process.generations.start();
    process.generations.stop();
    t.equal(process.generations.compare(process.proof.stamp, ['a']).is, 'purged');
  },
);

t.test('given the first contact after work alone, nothing made alone is taken over', async (t) => {
  const { slot, generations, observer } = processOn();
  slot.auto = 'silent';
  const alone = await generations.prove(['a']);
  slot.auto = 'answer';
  await generations.start();
  generations.stop();
  t.equal(generations.compare(alone.stamp, ['a']).is, 'purged');
  t.equal(observer.count('gaps'), 0);
});

t.test('given silence and an answer, the log says each once', async (t) => {
  const { slot, clock, generations, log, observer } = processOn();
  slot.auto = 'silent';
  await generations.start();
  clock.advance(250);
  await turns(1);
  clock.advance(250);
  await turns(1);
  t.equal(observer.count('look_failures'), 3);
  slot.auto = 'answer';
  clock.advance(250);
  await turns(1);
  clock.advance(250);
  await turns(1);
  generations.stop();
  t.match(log.told, [/^warn: Redis does not answer/, /^info: Redis answers again/]);
  t.equal(log.told.length, 2);
});
