import t from 'tap';
import { isolate, met } from '../../helpers/cache-process.js';
import { turns } from '../../helpers/cache-room.js';

t.test('given an own invalidation, it is in force here when it resolves', async (t) => {
  const process = await met(['a', 'b']);
  process.slot.auto = 'answer';
  await process.generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false });
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
  t.equal(process.generations.proveFromMemory(['a'])?.proven, true);
  t.equal(process.observer.count('purges'), 1);
  await process.generations.invalidate({ tags: ['b'], mode: 'expire', cause: 'request' }, { wait: false });
  t.equal(process.observer.count('expires'), 1);
  t.equal(process.observer.count('operation:invalidate'), 2);
});

t.test(
  'given an own invalidation, it does not resolve before a look sent after it is answered',
  async (t) => {
    const { slot, generations } = await met(['a']);
    let resolved = false;
    const done = generations
      .invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false })
      .then(() => {
        resolved = true;
      });
    t.equal((await slot.next()).name, 'invalidate');
    (await slot.next()).answer();
    await turns(1);
    t.equal(resolved, false);
    t.equal((await slot.next()).name, 'look');
    (await slot.next()).answer();
    await done;
  },
);

t.test('given a look under way with the old generation, an own purge is not undone by it', async (t) => {
  const { slot, clock, generations, proof } = await met(['a']);
  clock.advance(1000);
  const reader = generations.prove(['a']);
  (await slot.next()).carryOut();
  const purge = generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false });
  t.equal(slot.calls.length, 1, 'it waits for its turn');
  (await slot.next()).answer();
  await reader;
  await turns(1);
  t.equal((await slot.next()).name, 'invalidate');
  (await slot.next()).answer();
  await turns(1);
  t.equal((await slot.next()).name, 'look');
  (await slot.next()).answer();
  await purge;
  t.equal(generations.compare(proof.stamp, ['a']).is, 'purged');
  t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
});

t.test('given a silent slot, an invalidation rejects, holds here and is told to nobody twice', async (t) => {
  const process = await met(['a', 'b']);
  await isolate(process);
  await t.rejects(
    process.generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false }),
    /did not take/,
  );
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
  const other = { root: process.proof.stamp.root, generations: process.proof.stamp.generations.slice(1) };
  t.equal(process.generations.compare(other, ['b']).is, 'current');
});

t.test('given a silent slot, an expire makes entries stale here and does not purge them', async (t) => {
  const process = await met(['a']);
  await isolate(process);
  const atMs = process.clock.nowMs();
  await t.rejects(
    process.generations.invalidate({ tags: ['a'], mode: 'expire', cause: 'request' }, { wait: false }),
  );
  t.same(process.generations.compare(process.proof.stamp, ['a']), { is: 'expired', expiredAtMs: atMs });
});

t.test('given an invalidation not taken, it lands before any later look is believed', async (t) => {
  const process = await met(['a']);
  const { slot, clock, generations } = process;
  await isolate(process);
  await t.rejects(generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false }));
  slot.auto = null;
  const started = generations.start();
  t.equal((await slot.next()).name, 'invalidate');
  t.equal(slot.calls.length, 1, 'no look before it has landed');
  (await slot.next()).lose();
  await started;
  t.equal(generations.isTrusted, false, 'trust does not return without it');
  clock.advance(250);
  t.equal((await slot.next()).name, 'invalidate', 'tried again');
  (await slot.next()).answer();
  await turns(1);
  t.equal((await slot.next()).name, 'look');
  (await slot.next()).answer();
  await turns(1);
  t.teardown(() => generations.stop());
  t.equal(generations.isTrusted, true);
  t.equal(generations.compare(process.proof.stamp, ['a']).is, 'purged');
  t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
});

t.test(
  'given an invalidation that landed although its answer was lost, trying again does no harm',
  async (t) => {
    const process = await met(['a']);
    const { slot, generations } = process;
    const purge = generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false });
    (await slot.next()).carryOut();
    (await slot.next()).lose();
    await t.rejects(purge);
    slot.auto = 'answer';
    await generations.start();
    t.teardown(() => generations.stop());
    t.equal(generations.compare(process.proof.stamp, ['a']).is, 'purged');
    t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
  },
);

t.test(
  'given an invalidation that landed and a lost look after it, it holds and is not sent again',
  async (t) => {
    const process = await met(['a']);
    const { slot, generations } = process;
    const purge = generations.invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: false });
    (await slot.next()).answer();
    await turns(1);
    (await slot.next()).lose();
    await t.rejects(purge);
    t.equal(generations.compare(process.proof.stamp, ['a']).is, 'purged');
    const started = generations.start();
    t.equal((await slot.next()).name, 'look');
    (await slot.next()).answer();
    await started;
    t.teardown(() => generations.stop());
    t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
  },
);

t.test('given an invalidation without tags, nothing is sent', async (t) => {
  const { slot, generations } = await met(['a']);
  await generations.invalidate({ tags: [], mode: 'purge', cause: 'request' }, { wait: false });
  t.equal(slot.calls.length, 0);
});

t.test(
  'given more invalidations than are kept for a silent slot, the rest hold here only, said aloud',
  async (t) => {
    const process = await met(['last']);
    const { slot, generations, log, proof } = process;
    await isolate(process);
    for (let i = 0; i < 1000; i++)
      await generations
        .invalidate({ tags: [`t${i}`], mode: 'purge', cause: 'request' }, { wait: false })
        .catch(() => {});
    t.notOk(log.told.some((line) => line.startsWith('error')));
    await t.rejects(
      generations.invalidate({ tags: ['last'], mode: 'purge', cause: 'request' }, { wait: false }),
    );
    t.match(log.told.at(-1), /^error: .*too many wait/);
    t.equal(generations.compare(proof.stamp, ['last']).is, 'purged');
    slot.auto = 'answer';
    await generations.start();
    t.teardown(() => generations.stop());
    t.equal(generations.compare(proof.stamp, ['last']).is, 'purged', 'also when Redis is back');
  },
);

t.test(
  'given too many invalidations waiting when the slot answers again, the next one is taken all the same',
  async (t) => {
    const process = await met(['last']);
    const { slot, generations, proof } = process;
    await isolate(process);
    for (let i = 0; i < 1000; i++)
      await generations
        .invalidate({ tags: [`t${i}`], mode: 'purge', cause: 'request' }, { wait: false })
        .catch(() => {});
    slot.auto = 'answer';
    const before = slot.truth.generationOf('last');
    await generations.invalidate({ tags: ['last'], mode: 'purge', cause: 'request' }, { wait: false });
    t.notSame(slot.truth.generationOf('last'), before, 'what is acknowledged has reached the slot');
    t.equal(generations.compare(proof.stamp, ['last']).is, 'purged');
  },
);
