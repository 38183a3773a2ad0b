import t from 'tap';
import { Generations } from '../../../services/cache/generations.js';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';
import { met, processOn, TellingLog } from '../../helpers/cache-process.js';
import { CountingObserver, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

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
  clock.advance(10_000_000);
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
