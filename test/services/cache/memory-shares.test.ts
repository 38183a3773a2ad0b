import fc from 'fast-check';
import t from 'tap';
import { Body } from '../../../services/cache/body.js';
import type { Entry } from '../../../services/cache/entry.js';
import { makeKey } from '../../../services/cache/key.js';
import { MemoryStore } from '../../../services/cache/memory-store.js';
import { newGeneration, newRoot } from '../../../services/cache/stamp.js';
import { CountingObserver } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const MAX_BYTES = 100_000;
const IDLE_MS = 600_000;

/** One of at most 20 in a memory of MAX_BYTES. */
function entryOf(tenant: string | null, name: string, bytes = 3_000): Entry {
  const { hash, tenantHash } = makeKey(tenant, [name]);
  return {
    keyHash: hash,
    tenantHash,
    stamp: { root: newRoot(), generations: [newGeneration()] },
    storedAtMs: 0,
    staleAtMs: 1,
    deleteAtMs: 2,
    generatedAtMs: 0,
    contentHash: 'c'.repeat(32),
    etag: 'e'.repeat(22),
    body: Body.of(Buffer.alloc(bytes)),
  };
}

function roomOf() {
  const clock = new ManualClock();
  const observer = new CountingObserver();
  const store = new MemoryStore({ maxBytes: MAX_BYTES, clock, observer });
  const write = (tenant: string | null, names: readonly string[]) =>
    names.map((name) => store.write(entryOf(tenant, name)));
  const read = (tenant: string | null, names: readonly string[]) =>
    names.filter((name) => store.read(makeKey(tenant, [name]).hash)).length;
  return { clock, observer, store, write, read };
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const FEW = names('few', 4);

t.test('given a tenant who asks for ever new questions, what others read stays', async (t) => {
  const { store, write, read, observer } = roomOf();
  write('7', FEW);
  write('8', FEW);
  write('9', names('flood', 20_000));
  t.equal(read('7', FEW), FEW.length);
  t.equal(read('8', FEW), FEW.length);
  t.ok(store.heldBytes <= MAX_BYTES);
  t.ok(observer.count('not_admitted') > 19_000, 'each of them was asked for once');
});

t.test('given one tenant for all of them, the same questions push out what is read (control)', async (t) => {
  const { write, read } = roomOf();
  write('7', FEW);
  write('7', names('flood', 20_000));
  t.equal(read('7', FEW), 0);
});

t.test('given he asks for each of them twice, he pushes out his own', async (t) => {
  const { write, read, store } = roomOf();
  write('7', FEW);
  const flood = names('flood', 1000);
  for (const name of flood) write('9', [name, name]);
  t.equal(read('7', FEW), FEW.length);
  t.equal(read('9', flood.slice(-5)), 5, 'what he asked for last is kept');
  t.ok(store.heldBytes > MAX_BYTES * 0.9, 'nothing lies idle');
});

t.test('given nobody else, he has all of the memory, and nothing is asked for twice', async (t) => {
  const { write, store, observer } = roomOf();
  const outcomes = write('7', names('e', 100));
  t.ok(outcomes.every((outcome) => outcome === 'kept'));
  t.equal(observer.count('not_admitted'), 0);
  t.ok(store.heldBytes > MAX_BYTES * 0.9);
});

t.test('given room, nobody is turned away', async (t) => {
  const { write, observer } = roomOf();
  write('7', FEW);
  write('9', names('e', 10));
  t.equal(observer.count('not_admitted') + observer.count('l1_evictions'), 0);
});

t.test(
  'given a tenant with less than his part, he takes it from who has most, at the first request',
  async (t) => {
    const { write, read, observer } = roomOf();
    write('9', names('big', 30));
    write('8', FEW);
    const outcomes = write('7', FEW);
    t.ok(outcomes.every((outcome) => outcome === 'kept'));
    t.equal(read('8', FEW), FEW.length);
    t.equal(observer.count('not_admitted'), 0);
  },
);

t.test('given a tenant who has read nothing for ten minutes, he gives way first', async (t) => {
  const { write, read, clock, observer } = roomOf();
  write('7', FEW);
  write('8', FEW);
  clock.advance(IDLE_MS - 1);
  read('8', FEW);
  clock.advance(1);
  write('9', names('big', 100));
  t.equal(read('7', FEW), 0, 'nobody asked for it');
  t.equal(read('8', FEW), FEW.length);
  t.ok(observer.count('not_admitted') > 0, 'once nobody is idle, each has his part');
});

t.test('given what is of no tenant, it has half of the memory however many tenants there are', async (t) => {
  const { write, read } = roomOf();
  for (let i = 0; i < 10; i++) write(`${i}`, [`own${i}`]);
  const shared = names('shared', 8);
  write(null, shared);
  for (let i = 0; i < 10; i++) write(`${i}`, names(`more${i}-`, 50));
  t.equal(read(null, shared), shared.length);
});

t.test('given an entry that is renewed, it is never turned away', async (t) => {
  const { write } = roomOf();
  write('7', FEW);
  write('9', names('big', 100));
  const kept = names('big', 100).filter((name) => write('9', [name])[0] === 'kept');
  t.ok(kept.length > 0);
  t.strictSame(write('9', kept.slice(-1)), ['kept']);
});

t.test(
  'given any tenants, writes, reads, removals and pauses, bound and sum hold, and all is found',
  async (t) => {
    const step = fc.record({
      what: fc.constantFrom('write', 'write', 'write', 'read', 'remove', 'pause'),
      tenant: fc.constantFrom(null, '1', '2', '3'),
      name: fc.integer({ min: 0, max: 12 }),
      bytes: fc.integer({ min: 0, max: 12_000 }),
    });
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
          const { store, clock } = roomOf();
          const kept = new Map<string, Entry>();
          for (const { what, tenant, name, bytes } of steps) {
            const entry = entryOf(tenant, `${name}`, bytes);
            if (what === 'pause') clock.advance(IDLE_MS / 2);
            else if (what === 'read') store.read(entry.keyHash);
            else if (what === 'remove') store.remove(entry.keyHash);
            else if (store.write(entry) === 'kept') kept.set(entry.keyHash, entry);
            if (store.heldBytes > MAX_BYTES) return false;
            if (what === 'write' && kept.get(entry.keyHash) === entry && !store.peek(entry.keyHash))
              return false;
          }
          const held = [...kept.keys()].filter((hash) => store.peek(hash)).length;
          for (const hash of kept.keys()) store.remove(hash);
          return held <= kept.size && store.entriesCount === 0 && store.heldBytes === 0;
        }),
        { numRuns: 500 },
      ),
    );
  },
);
