import t from 'tap';
import { FillWaiters } from '../../../services/cache/fill-waiters.js';
import { turns } from '../../helpers/cache-room.js';

/** Whether it was told by now. */
async function isTold({ told }: { told: Promise<void> }): Promise<boolean> {
  let yes = false;
  void told.then(() => {
    yes = true;
  });
  await turns(2);
  return yes;
}

t.test('the end of a load: all who wait for its key are told, and nobody else', async (t) => {
  const waiters = new FillWaiters();
  const [one, two, other] = [waiters.next('a'), waiters.next('a'), waiters.next('b')];
  t.notOk(await isTold(one));
  waiters.tell('a');
  t.ok((await isTold(one)) && (await isTold(two)));
  t.notOk(await isTold(other));
  const later = waiters.next('a');
  t.notOk(await isTold(later), 'what was told before is not told again');
});

t.test('whoever cancels is not told, also twice and after the telling', async (t) => {
  const waiters = new FillWaiters();
  const [gone, stays] = [waiters.next('a'), waiters.next('a')];
  gone.cancel();
  gone.cancel();
  waiters.tell('a');
  t.notOk(await isTold(gone));
  t.ok(await isTold(stays));
  stays.cancel();
  waiters.tell('nobody');
});

t.test('beyond ten thousand a waiter is left to its intervals, until others have gone', async (t) => {
  const waiters = new FillWaiters();
  const many = Array.from({ length: 10_000 }, (_, i) => waiters.next(`key ${i % 7}`));
  const beyond = waiters.next('a');
  beyond.cancel();
  waiters.tell('a');
  t.notOk(await isTold(beyond));
  many[0]?.cancel();
  many[0]?.cancel();
  const next = waiters.next('a');
  const full = waiters.next('a');
  waiters.tell('a');
  t.ok(await isTold(next));
  t.notOk(await isTold(full));
});
