import t from 'tap';
import { Generations, type Proof } from '../../../services/cache/generations.js';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';
import { CountingObserver, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { ScriptedSlot } from '../../helpers/scripted-slot.js';

class TellingLog {
  readonly told: string[] = [];
  debug(): void {}
  info(_details: object, message: string): void {
    this.told.push(`info: ${message}`);
  }
  warn(_details: object, message: string): void {
    this.told.push(`warn: ${message}`);
  }
  error(_details: object, message: string): void {
    this.told.push(`error: ${message}`);
  }
}

interface Process {
  readonly slot: ScriptedSlot;
  readonly clock: ManualClock;
  readonly observer: CountingObserver;
  readonly log: TellingLog;
  readonly generations: Generations;
}

function processOn(slot = new ScriptedSlot(), clock = new ManualClock()): Process {
  const observer = new CountingObserver();
  const log = new TellingLog();
  return { slot, clock, observer, log, generations: new Generations({ slot, clock, log, observer }) };
}

/** A process that has looked once for these tags, a moment ago. */
async function met(tags: readonly string[]): Promise<Process & { proof: Proof }> {
  const process = processOn();
  const proof = process.generations.prove(tags);
  (await process.slot.next()).answer();
  return { ...process, proof: await proof };
}

/** Lets the process look once, answered at once. */
async function look({ slot, generations }: Process): Promise<void> {
  slot.auto = 'answer';
  await generations.prove([`asked only to look ${Math.random()}`]);
  slot.auto = null;
}

/** The process finds that its slot is silent, with its trust gone. */
async function isolate({ slot, clock, generations }: Process): Promise<void> {
  slot.auto = 'silent';
  clock.advance(slot.trustMs);
  await generations.prove(['x']);
  if (!generations.isIsolated) throw new Error('The process is not isolated');
}

t.test('given no look yet, nothing is trusted and nothing is known', async (t) => {
  const { generations } = processOn();
  t.equal(generations.isTrusted, false);
  t.equal(generations.isIsolated, false);
  t.equal(generations.unconfirmedForMs, Number.POSITIVE_INFINITY);
  t.equal(generations.proveFromMemory(['a']), null);
  t.equal(generations.proveFromMemory([]), null);
});

t.test('given an answered look, its tags are proven from memory until trust runs out', async (t) => {
  const process = await met(['a', 'b']);
  const { generations, clock, proof } = process;
  t.equal(proof.proven, true);
  t.same(proof.stamp.root, process.slot.truth.root);
  t.same(proof.stamp.generations, [
    process.slot.truth.generationOf('a'),
    process.slot.truth.generationOf('b'),
  ]);
  t.same(generations.proveFromMemory(['b']), {
    stamp: { root: proof.stamp.root, generations: [proof.stamp.generations[1]] },
    proven: true,
  });
  clock.advance(999);
  t.ok(generations.proveFromMemory(['a', 'b']));
  clock.advance(1);
  t.equal(generations.proveFromMemory(['a', 'b']), null);
});

t.test('given a slow look, trust counts from its sending', async (t) => {
  const { slot, clock, generations } = processOn();
  const proof = generations.prove(['a']);
  clock.advance(600);
  (await slot.next()).answer();
  t.equal((await proof).proven, true);
  t.equal(generations.unconfirmedForMs, 600);
  clock.advance(399);
  t.equal(generations.isTrusted, true);
  clock.advance(1);
  t.equal(generations.isTrusted, false);
});

t.test(
  'given an answer that comes when its trust has already run out, nothing is proven by it',
  async (t) => {
    const { slot, clock, generations } = processOn();
    const proof = generations.prove(['a']);
    clock.advance(1000);
    (await slot.next()).answer();
    t.equal((await proof).proven, false);
    t.equal(generations.isTrusted, false);
  },
);

t.test('given a process that slept, there is no trust when it wakes, whatever its timers did', async (t) => {
  const process = processOn();
  process.slot.auto = 'answer';
  await process.generations.start();
  process.slot.auto = null;
  t.equal(process.generations.isTrusted, true);
  // The hands jump, and no timer has run yet.
  const slept = new ManualClock();
  slept.advance(3_600_000);
  process.clock.monotonicMs = () => slept.monotonicMs();
  t.equal(process.generations.isTrusted, false);
  t.equal(process.generations.proveFromMemory([]), null);
});

t.test('given an unknown tag, a look is made even while trusted', async (t) => {
  const { slot, generations } = await met(['a']);
  t.equal(generations.proveFromMemory(['a', 'b']), null);
  const proof = generations.prove(['a', 'b']);
  t.same((await slot.next()).tags, ['a', 'b']);
  (await slot.next()).answer();
  t.equal((await proof).proven, true);
});

t.test('given readers while a look is under way, they share the next one', async (t) => {
  const { slot, generations } = processOn();
  const first = generations.prove(['a']);
  const later = [generations.prove(['b', 'c']), generations.prove(['c', 'd']), generations.prove(['b'])];
  await turns(1);
  t.equal(slot.calls.length, 1);
  t.same((await slot.next()).tags, ['a']);
  (await slot.next()).answer();
  await first;
  await turns(1);
  t.equal(slot.calls.length, 1, 'one at a time');
  t.same([...(await slot.next()).tags].sort(), ['b', 'c', 'd']);
  (await slot.next()).answer();
  const proofs = await Promise.all(later);
  t.ok(proofs.every(({ proven }) => proven));
  t.equal(slot.looksCount, 2);
});

t.test('given a reader while a look is under way, that look proves nothing to him', async (t) => {
  // It was sent before he came: a purge may have been acknowledged in between.
  const process = await met(['a']);
  const { slot, clock, generations } = process;
  clock.advance(1000);
  const early = generations.prove(['a']);
  (await slot.next()).carryOut();
  slot.truth.invalidate({ tags: ['a'], mode: 'purge' });
  clock.advance(1000);
  const late = generations.prove(['a']);
  (await slot.next()).answer();
  await early;
  await turns(1);
  (await slot.next()).answer();
  t.same((await late).stamp.generations, [slot.truth.generationOf('a')]);
});

t.test('given a look that fails with readers waiting for the next, the next is made', async (t) => {
  const { slot, generations } = processOn();
  const first = generations.prove(['a']);
  const second = generations.prove(['b']);
  (await slot.next()).lose();
  t.equal((await first).proven, false);
  await turns(1);
  (await slot.next()).answer();
  t.equal((await second).proven, true);
});

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

t.test('given an own invalidation, it is in force here when it resolves', async (t) => {
  const process = await met(['a', 'b']);
  process.slot.auto = 'answer';
  await process.generations.invalidate({ tags: ['a'], mode: 'purge' });
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
  t.equal(process.generations.proveFromMemory(['a'])?.proven, true);
  t.equal(process.observer.count('purges'), 1);
  await process.generations.invalidate({ tags: ['b'], mode: 'expire' });
  t.equal(process.observer.count('expires'), 1);
  t.equal(process.observer.count('operation:invalidate'), 2);
});

t.test(
  'given an own invalidation, it does not resolve before a look sent after it is answered',
  async (t) => {
    const { slot, generations } = await met(['a']);
    let resolved = false;
    const done = generations.invalidate({ tags: ['a'], mode: 'purge' }).then(() => {
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
  const purge = generations.invalidate({ tags: ['a'], mode: 'purge' });
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
  await t.rejects(process.generations.invalidate({ tags: ['a'], mode: 'purge' }), /did not take/);
  t.equal(process.generations.compare(process.proof.stamp, ['a', 'b']).is, 'purged');
  const other = { root: process.proof.stamp.root, generations: process.proof.stamp.generations.slice(1) };
  t.equal(process.generations.compare(other, ['b']).is, 'current');
});

t.test('given a silent slot, an expire makes entries stale here and does not purge them', async (t) => {
  const process = await met(['a']);
  await isolate(process);
  const atMs = process.clock.nowMs();
  await t.rejects(process.generations.invalidate({ tags: ['a'], mode: 'expire' }));
  t.same(process.generations.compare(process.proof.stamp, ['a']), { is: 'expired', expiredAtMs: atMs });
});

t.test('given an invalidation not taken, it lands before any later look is believed', async (t) => {
  const process = await met(['a']);
  const { slot, clock, generations } = process;
  await isolate(process);
  await t.rejects(generations.invalidate({ tags: ['a'], mode: 'purge' }));
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
  generations.stop();
  t.equal(generations.isTrusted, true);
  t.equal(generations.compare(process.proof.stamp, ['a']).is, 'purged');
  t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
});

t.test(
  'given an invalidation that landed although its answer was lost, trying again does no harm',
  async (t) => {
    const process = await met(['a']);
    const { slot, generations } = process;
    const purge = generations.invalidate({ tags: ['a'], mode: 'purge' });
    (await slot.next()).carryOut();
    (await slot.next()).lose();
    await t.rejects(purge);
    slot.auto = 'answer';
    await generations.start();
    generations.stop();
    t.equal(generations.compare(process.proof.stamp, ['a']).is, 'purged');
    t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
  },
);

t.test(
  'given an invalidation that landed and a lost look after it, it holds and is not sent again',
  async (t) => {
    const process = await met(['a']);
    const { slot, generations } = process;
    const purge = generations.invalidate({ tags: ['a'], mode: 'purge' });
    (await slot.next()).answer();
    await turns(1);
    (await slot.next()).lose();
    await t.rejects(purge);
    t.equal(generations.compare(process.proof.stamp, ['a']).is, 'purged');
    const started = generations.start();
    t.equal((await slot.next()).name, 'look');
    (await slot.next()).answer();
    await started;
    generations.stop();
    t.same(generations.proveFromMemory(['a'])?.stamp.generations, [slot.truth.generationOf('a')]);
  },
);

t.test('given an invalidation without tags, nothing is sent', async (t) => {
  const { slot, generations } = await met(['a']);
  await generations.invalidate({ tags: [], mode: 'purge' });
  t.equal(slot.calls.length, 0);
});

t.test(
  'given more invalidations than are kept for a silent slot, the rest hold here only, said aloud',
  async (t) => {
    const process = await met(['last']);
    const { slot, generations, log, proof } = process;
    await isolate(process);
    for (let i = 0; i < 1000; i++)
      await generations.invalidate({ tags: [`t${i}`], mode: 'purge' }).catch(() => {});
    t.notOk(log.told.some((line) => line.startsWith('error')));
    await t.rejects(generations.invalidate({ tags: ['last'], mode: 'purge' }));
    t.match(log.told.at(-1), /^error: .*too many wait/);
    t.equal(generations.compare(proof.stamp, ['last']).is, 'purged');
    slot.auto = 'answer';
    await generations.start();
    generations.stop();
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
      await generations.invalidate({ tags: [`t${i}`], mode: 'purge' }).catch(() => {});
    slot.auto = 'answer';
    const before = slot.truth.generationOf('last');
    await generations.invalidate({ tags: ['last'], mode: 'purge' });
    t.notSame(slot.truth.generationOf('last'), before, 'what is acknowledged has reached the slot');
    t.equal(generations.compare(proof.stamp, ['last']).is, 'purged');
  },
);

t.test('given a start, the slot is looked at every 250 ms until the stop', async (t) => {
  const { slot, clock, generations } = processOn();
  slot.auto = 'answer';
  await generations.start();
  t.equal(slot.looksCount, 1);
  clock.advance(249);
  t.equal(slot.looksCount, 1);
  clock.advance(1);
  await turns(1);
  t.equal(slot.looksCount, 2);
  clock.advance(250);
  await turns(1);
  t.equal(slot.looksCount, 3);
  t.equal(generations.isTrusted, true);
  generations.stop();
  clock.advance(10_000);
  t.equal(slot.looksCount, 3);
  t.equal(clock.pendingTimers, 0);
});

t.test('given a stop before the first look is answered, no polls begin', async (t) => {
  const { slot, clock, generations } = processOn();
  const started = generations.start();
  generations.stop();
  (await slot.next()).answer();
  await started;
  t.equal(clock.pendingTimers, 0);
});

t.test('given a slot in memory, there is nothing to poll', async (t) => {
  const clock = new ManualClock();
  const observer = new CountingObserver();
  const log = new TellingLog();
  const generations = new Generations({ slot: new MemoryControlSlot(), clock, log, observer });
  await generations.start();
  t.equal(clock.pendingTimers, 0);
  const proof = await generations.prove(['a']);
  clock.advance(1e12);
  t.same(generations.proveFromMemory(['a']), proof);
});

t.test('given a slot that hangs, polls do not pile up', async (t) => {
  const { slot, clock, generations } = processOn();
  const started = generations.start();
  (await slot.next()).answer();
  await started;
  clock.advance(250);
  for (let i = 0; i < 20; i++) clock.advance(250);
  await turns(1);
  t.equal(slot.calls.length, 1);
  (await slot.next()).answer();
  await turns(1);
  t.equal(slot.calls.length, 1, 'and one for all who waited');
  (await slot.next()).answer();
  await turns(1);
  t.equal(slot.calls.length, 0);
  generations.stop();
});
