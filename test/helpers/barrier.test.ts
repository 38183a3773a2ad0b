import t from 'tap';
import { Barrier } from './barrier.js';

t.test('who comes waits until the barrier opens, and is counted', async (t) => {
  const barrier = new Barrier();
  const order: string[] = [];
  const passing = [barrier.pass(), barrier.pass()].map((pass) => pass.then(() => order.push('passed')));
  await barrier.arrived(2);
  order.push('opened');
  barrier.open();
  await Promise.all(passing);
  await barrier.pass();
  t.same(order, ['opened', 'passed', 'passed']);
  t.equal(barrier.arrivedCount, 3);
});

t.test('one let through leaves the others waiting', async (t) => {
  const barrier = new Barrier();
  let passedCount = 0;
  const passing = [1, 2].map(() => barrier.pass().then(() => passedCount++));
  barrier.letOne();
  await passing[0];
  t.equal(passedCount, 1);
  barrier.open();
  await Promise.all(passing);
  t.equal(passedCount, 2);
});

t.test('somebody who waits for an arrival that comes later is told', async (t) => {
  const barrier = new Barrier();
  const arrival = barrier.arrived(1);
  barrier.open();
  await barrier.pass();
  await t.resolves(arrival);
});
