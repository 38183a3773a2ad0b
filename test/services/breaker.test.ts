import t from 'tap';
import { Breaker, type Passage } from '../../services/breaker.js';
import { ManualClock } from '../helpers/manual-clock.js';

function breakerOn(clock = new ManualClock()) {
  const moves: boolean[] = [];
  return { clock, moves, breaker: new Breaker({ clock, moved: (isOpen) => moves.push(isOpen) }) };
}

function passage(breaker: Breaker): Passage {
  const entered = breaker.enter();
  if (!entered) throw new Error('Nobody is let through');
  return entered;
}

function fail(breaker: Breaker, count: number): void {
  for (let i = 0; i < count; i++) passage(breaker).failed();
}

t.test('five failures in a row open it, four do not', async (t) => {
  const { breaker, moves } = breakerOn();
  fail(breaker, 4);
  t.notOk(breaker.isOpen);
  passage(breaker).answered();
  fail(breaker, 4);
  t.notOk(breaker.isOpen, 'an answer ends the row');
  t.equal(breaker.probeInMs, 0);
  fail(breaker, 1);
  t.ok(breaker.isOpen);
  t.equal(breaker.enter(), null);
  t.equal(breaker.probeInMs, 1000);
  t.same(moves, [true]);
});

t.test('a second after it opened one call goes through, and no other before that has ended', async (t) => {
  const { breaker, clock, moves } = breakerOn();
  fail(breaker, 5);
  clock.advance(999);
  t.equal(breaker.enter(), null);
  clock.advance(1);
  const probe = passage(breaker);
  t.equal(breaker.enter(), null);
  clock.advance(60_000);
  t.equal(breaker.enter(), null, 'however long it takes');
  probe.failed();
  t.equal(breaker.enter(), null);
  clock.advance(999);
  t.equal(breaker.enter(), null, 'the next one a second after its end');
  clock.advance(1);
  passage(breaker).answered();
  t.notOk(breaker.isOpen);
  t.ok(breaker.enter() && breaker.enter(), 'everybody again');
  fail(breaker, 4);
  t.notOk(breaker.isOpen, 'and the count begins anew');
  t.same(moves, [true, false]);
});

t.test('a probe that says nothing gives its place to the next', async (t) => {
  const { breaker, clock } = breakerOn();
  fail(breaker, 5);
  clock.advance(1000);
  const probe = passage(breaker);
  probe.withdrawn();
  const next = passage(breaker);
  probe.failed();
  probe.answered();
  t.ok(breaker.isOpen, 'what was told once is told');
  t.equal(breaker.enter(), null);
  next.answered();
  t.notOk(breaker.isOpen);
});

t.test('calls that began before it moved: a failure says nothing, an answer is a sign of life', async (t) => {
  const { breaker, clock } = breakerOn();
  const [late, later, living] = [passage(breaker), passage(breaker), passage(breaker)];
  fail(breaker, 5);
  clock.advance(1000);
  passage(breaker);
  late.failed();
  later.withdrawn();
  t.equal(breaker.enter(), null, 'the probe is still the only one');
  living.answered();
  t.notOk(breaker.isOpen);
  const [old] = [passage(breaker)];
  fail(breaker, 5);
  breaker.answered();
  old?.failed();
  fail(breaker, 4);
  t.notOk(breaker.isOpen);
});

t.test('any number of callers, in any order: never more than one probe under way', async (t) => {
  const { breaker, clock } = breakerOn();
  fail(breaker, 5);
  let under: Passage[] = [];
  for (let step = 0; step < 2000; step++) {
    clock.advance((step * 37) % 400);
    const entered = breaker.enter();
    if (entered) under.push(entered);
    if (under.length > 1) return t.fail('two probes');
    if (step % 5 === 0) {
      for (const one of under) one[step % 2 === 0 ? 'failed' : 'withdrawn']();
      under = [];
    }
  }
  t.ok(breaker.isOpen);
});

t.test(
  'somebody else is to be asked: the next call goes through at once, and the probe under way counts no more',
  async (t) => {
    const { breaker, clock } = breakerOn();
    breaker.probeNow();
    t.notOk(breaker.isOpen, 'nothing to do while it is closed');
    fail(breaker, 5);
    breaker.probeNow();
    t.ok(breaker.isOpen, 'nobody has answered yet');
    t.equal(breaker.probeInMs, 0);
    const former = passage(breaker);
    t.equal(breaker.enter(), null, 'one call only');
    breaker.probeNow();
    const latter = passage(breaker);
    former.failed();
    latter.answered();
    t.notOk(breaker.isOpen);

    fail(breaker, 5);
    breaker.probeNow();
    passage(breaker).failed();
    t.equal(breaker.enter(), null, 'one that fails waits out its second again');
    clock.advance(1000);
    t.ok(breaker.enter());
  },
);
