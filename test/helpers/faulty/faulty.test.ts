import t from 'tap';
import { MemoryControlSlot } from '../../../services/cache/memory-control-slot.js';
import { MemoryStore } from '../../../services/cache/memory-store.js';
import { RedisStore } from '../../../services/cache/redis-store.js';
import type { Source } from '../../../services/sources/source.js';
import { Barrier } from '../barrier.js';
import { CachedSource, rowOf, statementOf } from '../cache-panels.js';
import { cacheRedis } from '../cache-redis.js';
import { CountingObserver, cacheRoom, requestOf, turns } from '../cache-room.js';
import { ManualClock } from '../manual-clock.js';
import { startRedis } from '../redis-server.js';
import {
  answersAfter,
  answersLate,
  arrivesAfter,
  arrivesLate,
  drops,
  failsAndArrivesAfter,
  hangs,
  losesAnswer,
  refuses,
  runsTwice,
  throws,
} from './faults.js';
import { faulty } from './faulty.js';

/** Counts what arrives. */
class Counter {
  #count = 0;
  async add(by: number): Promise<number> {
    this.#count += by;
    if (by < 0) throw new Error('negative');
    return this.#count;
  }
  get count(): number {
    return this.#count;
  }
  peek(): number {
    return this.#count;
  }
}

t.test('without faults everything goes through, is counted, and is of the same type', async (t) => {
  const { it, faults } = faulty(new Counter());
  t.equal(await it.add(2), 2);
  t.equal(it.count, 2);
  t.equal(it.peek(), 2);
  t.ok(it instanceof Counter);
  t.same(faults.calls, ['add', 'peek']);
});

t.test('planned faults come in order, then the lasting one, until it is healed', async (t) => {
  const { it, faults } = faulty(new Counter());
  faults.next('add', refuses(), drops(7)).always(['add', 'peek'], drops(0));
  await t.rejects(it.add(1), /refused/);
  t.equal(await it.add(1), 7);
  t.equal(await it.add(1), 0);
  t.equal(it.peek(), 0);
  faults.heal();
  t.equal(await it.add(1), 1, 'nothing of the others had arrived');
  t.equal(faults.countOf('add'), 4);
  faults.next('peek', throws());
  t.throws(() => it.peek(), /broke/);
});

t.test('what is late arrives late, or has arrived and is answered late', async (t) => {
  const clock = new ManualClock();
  const { it, faults } = faulty(new Counter());
  faults.next('add', arrivesLate(clock, 100), answersLate(clock, 100));
  const [first, second] = [it.add(1), it.add(10)];
  await turns();
  t.equal(it.count, 10);
  clock.advance(99);
  await turns();
  t.equal(it.count, 10);
  clock.advance(1);
  t.same(await Promise.all([first, second]), [11, 10]);
});

t.test('a call is held before it arrives, or before it is answered', async (t) => {
  const [before, after] = [new Barrier(), new Barrier()];
  const { it, faults } = faulty(new Counter());
  faults.next('add', arrivesAfter(before), answersAfter(after), answersAfter(after));
  const [first, second, failing] = [it.add(1), it.add(10), it.add(-1)];
  await after.arrived(2);
  t.equal(it.count, 9);
  before.open();
  t.equal(await first, 10);
  after.open();
  t.equal(await second, 10);
  await t.rejects(failing, /negative/);
});

t.test('a call that failed for its caller has been carried out, or is later, or twice', async (t) => {
  const barrier = new Barrier();
  const { it, faults } = faulty(new Counter());
  faults.next('add', losesAnswer(), failsAndArrivesAfter(barrier), runsTwice());
  await t.rejects(it.add(1), /No answer/);
  t.equal(it.count, 1);
  await t.rejects(it.add(10), /No answer/);
  t.equal(it.count, 1);
  barrier.open();
  await turns();
  t.equal(it.count, 11);
  t.equal(await it.add(100), 211);
});

t.test('a call that hangs is never answered', async (t) => {
  const { it, faults } = faulty(new Counter());
  faults.next('add', hangs());
  let isAnswered = false;
  void it.add(1).then(() => {
    isAnswered = true;
  });
  await turns();
  t.notOk(isAnswered);
  t.equal(it.count, 0);
});

t.test('given a slot whose looks are refused, a cache goes on unproven', async (t) => {
  const slot = faulty(new MemoryControlSlot());
  slot.faults.always('look', refuses());
  const { cache, observer } = cacheRoom({ slot: slot.it });
  const answer = await cache.read(requestOf(() => 'v1'));
  t.match(String(answer.entry.body.ready('identity')), /^v1@/);
  t.ok(observer.count('look_failures') > 0);
  t.ok(slot.faults.countOf('look') > 0);
});

t.test('given a store in Redis that drops what is written, another process loads again', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const redis = await cacheRedis(t, server.url);
  const clock = new ManualClock();
  const ledger = { stored: () => {}, read: () => {} };
  const observer = new CountingObserver();
  const store = faulty(new RedisStore({ redis, prefix: 'dc:', clock, observer, ledger }));
  store.faults.next('fill', drops(Promise.resolve('unanswered' as const)));
  // Both on one slot: only what is stored tells them apart.
  const slot = new MemoryControlSlot();
  const rooms = [1, 2, 3].map(() => cacheRoom({ slot, redis: store.it, clock }));
  const request = requestOf(() => 'v1');
  for (const { cache } of rooms) {
    await cache.read(request);
    await cache.settled();
  }
  t.equal(request.loadsCount, 2, 'the first for nobody else, the second for the third');
  t.equal(store.faults.countOf('fill'), 2);
});

t.test('given a memory that forgets, every read goes on to Redis or the source', async (t) => {
  const memory = faulty(
    new MemoryStore({ maxBytes: 1_000_000, clock: new ManualClock(), observer: new CountingObserver() }),
  );
  const hash = requestOf(() => 'v1').key.hash;
  memory.faults.always('read', drops());
  t.equal(memory.it.read(hash), undefined);
  t.equal(memory.it.entriesCount, 0);
});

t.test('given a source that is slow once and then down, queries are late and then fail', async (t) => {
  const clock = new ManualClock();
  const source = faulty<Source>(new CachedSource(() => rowOf({ n: 1 })));
  source.faults.next('query', arrivesLate(clock, 50)).always('query', refuses(new Error('down')));
  const limits = { signal: AbortSignal.timeout(1000), maxRowsCount: 1, maxBytes: 100 };
  const slow = source.it.query(statementOf('SELECT 1'), new Map(), limits);
  clock.advance(50);
  t.same((await slow).rows, [[1]]);
  await t.rejects(source.it.query(statementOf('SELECT 1'), new Map(), limits), /down/);
  t.equal(source.it.kind, 'duckdb');
});
