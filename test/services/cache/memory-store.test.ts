import fc from 'fast-check';
import t from 'tap';
import { Body } from '../../../services/cache/body.js';
import { decodeFrame, encodeFrame } from '../../../services/cache/codec.js';
import type { Entry } from '../../../services/cache/entry.js';
import { makeKey } from '../../../services/cache/key.js';
import { MemoryStore } from '../../../services/cache/memory-store.js';
import { type CacheObserver, silentObserver } from '../../../services/cache/observer.js';
import { newGeneration, newRoot } from '../../../services/cache/stamp.js';
import { CountingObserver } from '../../helpers/cache-room.js';
import { collectGarbage } from '../../helpers/collect-garbage.js';
import { ManualClock } from '../../helpers/manual-clock.js';

function entryOf(name: string, bytes: number, generationsCount = 2): Entry {
  const { hash, tenantHash } = makeKey(null, [name]);
  return {
    keyHash: hash,
    tenantHash,
    stamp: { root: newRoot(), generations: Array.from({ length: generationsCount }, () => newGeneration()) },
    storedAtMs: 0,
    staleAtMs: 1,
    deleteAtMs: 2,
    generatedAtMs: 0,
    contentHash: 'c'.repeat(32),
    etag: 'e'.repeat(22),
    body: Body.of(Buffer.alloc(bytes)),
  };
}

function storeOf(maxBytes: number, observer: CacheObserver = silentObserver): MemoryStore {
  return new MemoryStore({ maxBytes, clock: new ManualClock(), observer });
}

const hashOf = (name: string): string => makeKey(null, [name]).hash;

t.test('given an entry kept, it is found by its key until it is removed', async (t) => {
  const store = storeOf(1e6);
  const entry = entryOf('a', 10);
  t.equal(store.read(entry.keyHash), undefined);
  t.equal(store.write(entry), 'kept');
  t.equal(store.read(entry.keyHash), entry);
  t.equal(store.entriesCount, 1);
  store.remove(entry.keyHash);
  t.equal(store.read(entry.keyHash), undefined);
  t.equal(store.entriesCount, 0);
  t.equal(store.heldBytes, 0);
});

t.test('given a second entry of a key, it takes the place of the first and its bytes', async (t) => {
  const store = storeOf(1e6);
  store.write(entryOf('a', 900));
  const before = store.heldBytes;
  const second = entryOf('a', 100);
  store.write(second);
  t.equal(store.read(second.keyHash), second);
  t.equal(store.entriesCount, 1);
  t.equal(before - store.heldBytes, 800);
});

t.test('given entries with more tags or larger bodies, they weigh more by that', async (t) => {
  const weightOf = (entry: Entry): number => {
    const store = storeOf(1e6);
    store.write(entry);
    return store.heldBytes;
  };
  t.equal(weightOf(entryOf('a', 1000)) - weightOf(entryOf('a', 0)), 1000);
  t.ok(weightOf(entryOf('a', 0, 32)) - weightOf(entryOf('a', 0, 0)) >= 32 * 100);
  t.ok(weightOf(entryOf('a', 0, 0)) >= 1024, 'an empty entry costs its objects');
});

t.test('given no room, the least recently read entry goes first, and is counted', async (t) => {
  const observer = new CountingObserver();
  const store = storeOf(32_000, observer);
  const fits = Math.floor(32_000 / weightOfOne());
  const names = Array.from({ length: fits }, (_, i) => `e${i}`);
  for (const name of names) store.write(entryOf(name, 1000));
  t.equal(store.entriesCount, fits);
  t.equal(observer.count('l1_evictions'), 0);
  store.read(hashOf('e0'));
  store.write(entryOf('new', 1000));
  t.ok(store.read(hashOf('e0')), 'it was read last');
  t.equal(store.read(hashOf('e1')), undefined);
  t.ok(store.read(hashOf('e2')));
  t.ok(store.read(hashOf('new')));
  t.equal(observer.count('l1_evictions'), 1);
});

t.test('given an entry that was only looked at, it goes as if it had not been', async (t) => {
  const store = storeOf(32_000);
  const fits = Math.floor(32_000 / weightOfOne());
  for (let i = 0; i < fits; i++) store.write(entryOf(`e${i}`, 1000));
  t.equal(store.peek(hashOf('e0'))?.keyHash, hashOf('e0'));
  store.write(entryOf('new', 1000));
  t.equal(store.peek(hashOf('e0')), undefined);
});

function weightOfOne(): number {
  const store = storeOf(1e6);
  store.write(entryOf('a', 1000));
  return store.heldBytes;
}

t.test('given an entry replaced or removed, no eviction is counted', async (t) => {
  const observer = new CountingObserver();
  const store = storeOf(32_000, observer);
  store.write(entryOf('a', 100));
  store.write(entryOf('a', 200));
  store.remove(hashOf('a'));
  t.equal(observer.count('l1_evictions'), 0);
});

t.test(
  'given an entry larger than an eighth of the memory, it is refused and its predecessor goes',
  async (t) => {
    const store = storeOf(80_000);
    store.write(entryOf('a', 100));
    store.write(entryOf('b', 100));
    t.equal(store.write(entryOf('a', 9_000)), 'too_large');
    t.equal(store.read(hashOf('a')), undefined, 'old data must not outlive new');
    t.ok(store.read(hashOf('b')), 'the others stay');
    t.equal(store.write(entryOf('a', 7_000)), 'kept');
  },
);

t.test('given no memory at all, everything is refused and nothing throws', async (t) => {
  const store = storeOf(0);
  t.equal(store.write(entryOf('a', 0)), 'too_large');
  t.equal(store.read(hashOf('a')), undefined);
  t.equal(store.heldBytes, 0);
});

t.test('given any writes, reads and removals, the bound holds and the sum is right', async (t) => {
  const maxBytes = 40_000;
  const step = fc.record({
    what: fc.constantFrom('write', 'write', 'write', 'read', 'remove'),
    name: fc.integer({ min: 0, max: 30 }),
    bytes: fc.integer({ min: 0, max: 6_000 }),
    generationsCount: fc.integer({ min: 0, max: 32 }),
  });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
        const store = storeOf(maxBytes);
        const names = new Set<string>();
        for (const { what, name, bytes, generationsCount } of steps) {
          names.add(`${name}`);
          if (what === 'write') store.write(entryOf(`${name}`, bytes, generationsCount));
          else if (what === 'read') store.read(hashOf(`${name}`));
          else store.remove(hashOf(`${name}`));
          if (store.heldBytes > maxBytes) return false;
        }
        const kept = [...names].flatMap((name) => store.read(hashOf(name)) ?? []);
        const bodies = kept.reduce((sum, entry) => sum + entry.body.fullBytes, 0);
        return kept.length === store.entriesCount && store.heldBytes >= bodies;
      }),
      { numRuns: 500 },
    ),
  );
});

t.test(
  'given a full memory of small entries from layer two, it holds not much more than its bound',
  async (t) => {
    const store = storeOf(16 * 1024 * 1024);
    collectGarbage();
    const before = process.memoryUsage();
    let written = 0;
    for (let keep = true; keep; written++) {
      const countBefore = store.entriesCount;
      const entry = entryOf(`${written}`, 300, 12);
      const decoded = decodeFrame(await encodeFrame(entry), makeKey(null, [`${written}`]));
      if (typeof decoded === 'string') throw new Error(decoded);
      store.write(decoded);
      keep = store.entriesCount > countBefore;
    }
    collectGarbage();
    const after = process.memoryUsage();
    const usedBytes = after.heapUsed + after.external - before.heapUsed - before.external;
    t.ok(store.entriesCount > 3000, `${store.entriesCount} entries`);
    t.ok(usedBytes < store.maxBytes * 1.25, `${usedBytes} bytes are used of ${store.maxBytes}`);
  },
);
