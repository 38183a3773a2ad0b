import t from 'tap';
import type { Acknowledgement } from '../../../services/cache/acknowledgement.js';
import { Generations } from '../../../services/cache/generations.js';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';
import { silentLog } from '../../../services/log.js';
import { type GenerationsProcess, pairOn } from '../../helpers/cache-process.js';
import { CountingObserver, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

interface Asked {
  readonly done: Promise<Acknowledgement>;
  /** Undefined while it waits. */
  readonly answer: Acknowledgement | undefined;
}

/** A purge of `a` that waits. */
function purge({ generations }: GenerationsProcess): Asked {
  let answer: Acknowledgement | undefined;
  const done = generations
    .invalidate({ tags: ['a'], mode: 'purge', cause: 'request' }, { wait: true })
    .then((acknowledgement) => {
      answer = acknowledgement;
      return acknowledgement;
    });
  return {
    done,
    get answer() {
      return answer;
    },
  };
}

/** Turns the hands in the steps in which a waiting purge asks. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 25) {
    await turns();
    clock.advance(Math.min(left, 25));
  }
  await turns();
}

t.test('given a member that has not applied a purge, the purge waits until it has', async (t) => {
  const { one, two, clock } = await pairOn(['a']);
  const asked = purge(one);
  await pass(clock, 200);
  t.equal(asked.answer, undefined, 'the other may still use its memory');
  t.equal(two.generations.isTrusted, true);
  await two.generations.refresh();
  await pass(clock, 25);
  t.same(asked.answer, { reach: 'primary', processesCount: 2, confirmedCount: 2 });
  t.equal(one.observer.count('operation:acknowledge'), 1);
  t.equal(clock.pendingTimers, 0);
});

/** The other process looked after the purge and its answer is under way. Whether the purge is acknowledged meanwhile. */
async function purgeWhileAnAnswerTravels(records: 'brought' | 'answered'): Promise<string[]> {
  const wrong: string[] = [];
  const { one, two, truth, clock } = await pairOn(['a']);
  truth.recordsWhatItAnswers = records === 'answered';
  const { stamp } = await two.generations.prove(['a']);
  two.slot.auto = null;
  const asked = purge(one);
  await turns();
  const refreshed = two.generations.refresh();
  const look = await two.slot.next();
  look.carryOut();
  await pass(clock, 200);
  const serves = two.generations.isTrusted && two.generations.compare(stamp, ['a']).is === 'current';
  if (asked.answer && serves) wrong.push('acknowledged while the other serves old data');
  look.answer();
  await refreshed;
  await pass(clock, 25);
  if (!asked.answer) wrong.push('not acknowledged although everybody has applied it');
  return wrong;
}

t.test(
  'given an answer that is under way to a member, the purge in it does not count as applied',
  async (t) => {
    t.same(await purgeWhileAnAnswerTravels('brought'), []);
  },
);

t.test('given a slot that records what it answers, the same check finds old data', async (t) => {
  t.same(await purgeWhileAnAnswerTravels('answered'), ['acknowledged while the other serves old data']);
});

t.test('given a member whose confirmation is lost, its next look confirms', async (t) => {
  const { one, two, clock } = await pairOn(['a']);
  two.slot.losesConfirmations = true;
  const asked = purge(one);
  await turns();
  await two.generations.refresh();
  await pass(clock, 50);
  t.equal(asked.answer, undefined);
  await two.generations.refresh();
  await pass(clock, 25);
  t.match(asked.answer, { processesCount: 2, confirmedCount: 2 });
});

t.test('given a dead member, a purge waits until its trust has run out and no longer', async (t) => {
  const { one, two, clock } = await pairOn(['a']);
  const asked = purge(one);
  await pass(clock, 1049);
  t.equal(asked.answer, undefined);
  await pass(clock, 1);
  t.same(asked.answer, { reach: 'primary', processesCount: 2, confirmedCount: 1 });
  t.equal(two.generations.isTrusted, false);
});

t.test('given a new root, its empty list of members means nothing until old trust has run out', async (t) => {
  const { one, two, truth, clock } = await pairOn(['a']);
  truth.lose();
  const asked = purge(one);
  await pass(clock, 975);
  t.equal(truth.members.size, 1, 'the other is not in the list');
  t.equal(two.generations.isTrusted, true, 'and uses its memory');
  t.equal(asked.answer, undefined);
  await pass(clock, 75);
  t.same(asked.answer, { reach: 'primary', processesCount: 1, confirmedCount: 1 });
  t.equal(two.generations.isTrusted, false);
});

/** The clock of Redis jumps, and the next look takes the other process for silent. What goes wrong with a purge then. */
async function purgeAfterAJump(told: 'said' | 'in silence'): Promise<string[]> {
  const wrong: string[] = [];
  const { one, two, truth, clock } = await pairOn(['a']);
  truth.removesInSilence = told === 'in silence';
  const { stamp } = await two.generations.prove(['a']);
  truth.removeOthers(one.slot.id);
  const asked = purge(one);
  for (let ms = 0; ms < 1100; ms += 25) {
    await pass(clock, 25);
    const serves = two.generations.isTrusted && two.generations.compare(stamp, ['a']).is === 'current';
    if (asked.answer && serves) return ['acknowledged while the other serves old data'];
  }
  if (!asked.answer) wrong.push('not acknowledged although all trust has run out');
  return wrong;
}

t.test(
  'given a member removed for its silence, the list means nothing until its trust has run out',
  async (t) => {
    t.same(await purgeAfterAJump('said'), []);
  },
);

t.test('given a slot that does not say that it removed one, the same check finds old data', async (t) => {
  t.same(await purgeAfterAJump('in silence'), ['acknowledged while the other serves old data']);
});

t.test('given a removal that all know for W, a purge is as quick as before', async (t) => {
  const { one, two, truth, clock } = await pairOn(['a']);
  truth.removeOthers(one.slot.id);
  await one.generations.refresh();
  await two.generations.refresh();
  clock.advance(1000);
  await one.generations.refresh();
  await two.generations.refresh();
  const asked = purge(one);
  await turns();
  await two.generations.refresh();
  await pass(clock, 25);
  t.match(asked.answer, { processesCount: 2, confirmedCount: 2 });
});

t.test('given a root that is lost while a purge waits, its members do not end the wait', async (t) => {
  const { one, two, truth, clock } = await pairOn(['a']);
  const asked = purge(one);
  await turns();
  truth.lose();
  await pass(clock, 900);
  t.equal(two.generations.isTrusted, true);
  t.equal(asked.answer, undefined);
  await pass(clock, 150);
  t.ok(asked.answer);
});

t.test('given a process that stopped, nobody waits for it, and it trusts nothing any more', async (t) => {
  const { one, two, truth } = await pairOn(['a']);
  await two.generations.stop();
  t.equal(two.generations.isTrusted, false);
  t.match(await purge(one).done, { processesCount: 1, confirmedCount: 1 });
  const { stamp } = await two.generations.prove(['a']);
  t.same(stamp.generations, [truth.generationOf('a')], 'a read that still comes has looked');
});

t.test('given a look that was under way at the stop, its answer gives no trust', async (t) => {
  const { two, truth } = await pairOn(['a']);
  two.slot.auto = null;
  const refreshed = two.generations.refresh();
  const look = await two.slot.next();
  look.carryOut();
  await two.generations.stop();
  t.equal(truth.members.has(two.slot.id), false);
  look.answer();
  await refreshed;
  t.equal(two.generations.isTrusted, false);
});

t.test('given a silent slot, the stop does not wait for it', async (t) => {
  const { one } = await pairOn(['a']);
  one.slot.auto = 'silent';
  await one.generations.stop();
  t.equal(one.generations.isTrusted, false);
});

for (const [what, mode, wait] of [
  ['an expire', 'expire', true],
  ['a purge that does not wait', 'purge', false],
] as const)
  t.test(`given ${what}, it is answered at once with the counts of the moment`, async (t) => {
    const { one } = await pairOn(['a']);
    const answer = await one.generations.invalidate({ tags: ['a'], mode, cause: 'request' }, { wait });
    t.same(answer, { reach: 'primary', processesCount: 2, confirmedCount: 1 });
    t.equal(one.observer.count('operation:acknowledge'), 0);
  });

t.test('given a slot that falls silent once it has the purge, the wait ends by time', async (t) => {
  const { one, clock } = await pairOn(['a']);
  one.slot.auto = null;
  const asked = purge(one);
  (await one.slot.next()).answer();
  await turns(1);
  (await one.slot.next()).answer();
  one.slot.auto = 'silent';
  await pass(clock, 1049);
  t.equal(asked.answer, undefined);
  await pass(clock, 1);
  t.same(asked.answer, { reach: 'primary', processesCount: 1, confirmedCount: 1 });
});

t.test('given a replica that has it, the acknowledgement says so', async (t) => {
  const { one, truth } = await pairOn(['a']);
  truth.replicasCount = 1;
  const change = { tags: ['a'], mode: 'expire', cause: 'request' } as const;
  t.match(await one.generations.invalidate(change, { wait: true }), { reach: 'replicated' });
});

t.test('given no Redis, a purge is in force in its only process at once', async (t) => {
  const [clock, observer] = [new ManualClock(), new CountingObserver()];
  const generations = new Generations({ slot: new MemoryControlSlot(), clock, log: silentLog, observer });
  const alone = { reach: 'memory', processesCount: 1, confirmedCount: 1 };
  for (const tags of [['a'], []])
    t.same(await generations.invalidate({ tags, mode: 'purge', cause: 'request' }, { wait: true }), alone);
  await generations.stop();
  t.equal(generations.isTrusted, true, 'there is nobody to leave');
});
