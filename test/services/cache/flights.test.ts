import t from 'tap';
import type { CacheAnswer } from '../../../services/cache/answer.js';
import { Flights } from '../../../services/cache/flights.js';
import type { Proof } from '../../../services/cache/generations.js';
import { deferred, turns } from '../../helpers/cache-room.js';

const proof: Proof = { stamp: { root: 'r', generations: [] }, proven: true };
// Flights never look into an answer.
const answer = { stored: true } as CacheAnswer;

t.test('given a flight under way, it is found by its key until it has landed', async (t) => {
  const flights = new Flights();
  const load = deferred<CacheAnswer>();
  const flight = flights.begin('k', proof, () => load.promise);
  t.equal(flights.get('k'), flight);
  t.equal(flights.get('other'), undefined);
  t.equal(flight.proof, proof);
  load.resolve(answer);
  t.equal(await flight.landed, answer);
  t.equal(flights.get('k'), undefined);
});

t.test('given a flight that begins, nothing of it runs before it can be joined', async (t) => {
  const flights = new Flights();
  let found: unknown = null;
  const flight = flights.begin('k', proof, async (isCurrent) => {
    found = flights.get('k');
    t.ok(isCurrent());
    return answer;
  });
  t.equal(found, null);
  await flight.landed;
  t.equal(found, flight);
});

t.test(
  'given a later flight of the same key, the earlier is no longer current and takes nothing away',
  async (t) => {
    const flights = new Flights();
    const [first, second] = [deferred<CacheAnswer>(), deferred<CacheAnswer>()];
    const asked: (() => boolean)[] = [];
    const one = flights.begin('k', proof, (isCurrent) => {
      asked.push(isCurrent);
      return first.promise;
    });
    const two = flights.begin('k', proof, (isCurrent) => {
      asked.push(isCurrent);
      return second.promise;
    });
    await turns(1);
    t.same(
      asked.map((isCurrent) => isCurrent()),
      [false, true],
    );
    first.resolve(answer);
    await one.landed;
    t.equal(flights.get('k'), two);
    second.resolve(answer);
    await two.landed;
    t.equal(flights.get('k'), undefined);
    t.same(
      asked.map((isCurrent) => isCurrent()),
      [false, false],
      'an earlier flight that lands last is not current again',
    );
  },
);

t.test('given a flight that fails with nobody listening, no rejection is left unhandled', async (t) => {
  const flights = new Flights();
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => {
    unhandled.push(error);
  };
  process.on('unhandledRejection', note);
  t.teardown(() => process.off('unhandledRejection', note));
  flights.begin('k', proof, () => Promise.reject(new Error('down')));
  flights.begin('k2', proof, () => {
    throw new Error('at once');
  });
  await turns();
  t.same(unhandled, []);
  t.equal(flights.get('k'), undefined);
  t.equal(flights.get('k2'), undefined);
});

t.test('given flights under way, settled waits for all of them however they end', async (t) => {
  const flights = new Flights();
  const [good, bad] = [deferred<CacheAnswer>(), deferred<CacheAnswer>()];
  flights.begin('a', proof, () => good.promise);
  flights.begin('b', proof, () => bad.promise);
  let settled = false;
  const waiting = flights.settled().then(() => {
    settled = true;
  });
  good.resolve(answer);
  await turns(1);
  t.notOk(settled);
  bad.reject(new Error('down'));
  await waiting;
  t.ok(settled);
  await flights.settled();
});

t.test('given a flight whose key was taken by a later one, settled waits for it too', async (t) => {
  const flights = new Flights();
  const [first, second] = [deferred<CacheAnswer>(), deferred<CacheAnswer>()];
  flights.begin('k', proof, () => first.promise);
  flights.begin('k', proof, () => second.promise);
  let settled = false;
  const waiting = flights.settled().then(() => {
    settled = true;
  });
  second.resolve(answer);
  await turns(1);
  t.notOk(settled, 'its query still runs');
  first.resolve(answer);
  await waiting;
});

t.test('given a flight begun while settled waits, it is waited for as well', async (t) => {
  const flights = new Flights();
  const [first, second] = [deferred<CacheAnswer>(), deferred<CacheAnswer>()];
  flights.begin('a', proof, () => first.promise);
  let settled = false;
  const waiting = flights.settled().then(() => {
    settled = true;
  });
  flights.begin('b', proof, () => second.promise);
  first.resolve(answer);
  await turns(1);
  t.notOk(settled);
  second.resolve(answer);
  await waiting;
});
