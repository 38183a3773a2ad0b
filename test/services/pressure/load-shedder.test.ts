import t from 'tap';
import { LoadShedder } from '../../../services/pressure/load-shedder.js';
import { failure } from '../../contracts/source-contract.js';

function shedder() {
  const pressure = { isHigh: false };
  let shedCount = 0;
  const loads = new LoadShedder({ pressure, shed: () => void shedCount++ });
  return { pressure, loads, shedCount: () => shedCount };
}

t.test('given no pressure, any number of loads begin', async (t) => {
  const { loads, shedCount } = shedder();
  const ended = Promise.all([1, 2, 3].map((n) => loads.run(async () => n)));
  t.same(await ended, [1, 2, 3]);
  t.equal(shedCount(), 0);
});

t.test('given pressure, one load at a time begins, and the others are told when to come back', async (t) => {
  const { pressure, loads, shedCount } = shedder();
  pressure.isHigh = true;
  let finish = (): void => {};
  const first = loads.run(() => new Promise<void>((resolve) => (finish = resolve)));
  t.equal(loads.hasRoom, false);
  const refused = await failure(loads.run(async () => t.fail('it must not begin')));
  t.equal(refused.code, 'service_overloaded');
  t.equal(refused.retryAfterSeconds, 2);
  t.equal(shedCount(), 1);
  finish();
  await first;
  t.equal(loads.hasRoom, true);
  t.equal(await loads.run(async () => 'next'), 'next');
});

t.test('given a load that fails under pressure, its place is free again', async (t) => {
  const { pressure, loads } = shedder();
  pressure.isHigh = true;
  await t.rejects(loads.run(() => Promise.reject(new Error('no'))));
  t.equal(await loads.run(async () => 'next'), 'next');
});
