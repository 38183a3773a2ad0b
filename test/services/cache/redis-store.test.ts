import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { Body } from '../../../services/cache/body.js';
import { encodeFrame } from '../../../services/cache/codec.js';
import type { Entry } from '../../../services/cache/entry.js';
import { type CacheKey, makeKey } from '../../../services/cache/key.js';
import { newLeaseValue } from '../../../services/cache/lease-value.js';
import { type Filled, RedisStore } from '../../../services/cache/redis-store.js';
import { newGeneration, newRoot } from '../../../services/cache/stamp.js';
import { cacheRedis } from '../../helpers/cache-redis.js';
import { CountingObserver, turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { type RedisServer, startRedis } from '../../helpers/redis-server.js';

const shared = await startRedis();
t.teardown(() => shared.stop());

const key = makeKey('7', ['metrics']);

class NotedLedger {
  readonly notes: string[] = [];
  stored(keyHash: string, bytes: number, deleteAtMs: number): void {
    this.notes.push(`stored ${keyHash} ${bytes} ${deleteAtMs}`);
  }
  read(keyHash: string): void {
    this.notes.push(`read ${keyHash}`);
  }
}

async function storeOn(t: Test, server: RedisServer = shared) {
  const redis = await cacheRedis(t, server.url);
  if (server === shared) await redis.flushall();
  const clock = new ManualClock();
  const observer = new CountingObserver();
  const ledger = new NotedLedger();
  const store = new RedisStore({ redis, prefix: 'dc:', clock, observer, ledger });
  return { redis, clock, observer, ledger, store };
}

function entryOf(clock: ManualClock, text = '{"data":1}', itsKey: CacheKey = key): Entry {
  return {
    keyHash: itsKey.hash,
    tenantHash: itsKey.tenantHash,
    stamp: { root: newRoot(), generations: [newGeneration(), newGeneration()] },
    storedAtMs: clock.nowMs(),
    staleAtMs: clock.nowMs() + 1000,
    deleteAtMs: clock.nowMs() + 60_000,
    generatedAtMs: clock.nowMs() - 5,
    contentHash: 'c'.repeat(32),
    etag: `${'e'.repeat(21)}A`,
    body: Body.of(Buffer.from(text)),
  };
}

/** What a read finds whose own generations are others: whatever lies there. */
async function readAny(store: RedisStore, itsKey: CacheKey = key): Promise<Entry | null> {
  const stamp = { root: newRoot(), generations: [newGeneration()] };
  const reply = await store.ask({
    key: itsKey,
    stamp,
    graceMs: null,
    except: null,
    lease: null,
    overtake: null,
  });
  return reply?.entry ?? null;
}

/** A fill under a lease that still holds. */
async function write(redis: Redis, store: RedisStore, entry: Entry): Promise<Filled> {
  const lease = newLeaseValue(entry.stamp);
  await redis.set(`dc:{${entry.keyHash}}:l`, lease, 'PX', 2000);
  return store.fill(entry, lease);
}

/** Whether Redis holds it under the name that a cluster keeps in the slot of its hash. */
const nameOf = ({ hash }: CacheKey): string => `dc:{${hash}}:v`;

t.test('given an entry written, it is read again with all its fields and bytes', async (t) => {
  const { store, clock, redis, observer } = await storeOn(t);
  for (const text of ['{"data":1}', 'x'.repeat(5000)]) {
    const entry = entryOf(clock, text);
    t.equal(await write(redis, store, entry), 'stored');
    const read = await readAny(store);
    if (!read) return t.fail('nothing was read');
    const { body, ...fields } = read;
    const { body: _, ...expected } = entry;
    t.same(fields, expected);
    t.equal(String(await body.bytes('identity')), text);
  }
  t.equal(observer.count('l2_writes'), 2);
  t.equal(observer.count('l2_failures'), 0);
  t.equal(observer.count('operation:l2_read'), 2);
  t.equal(observer.count('operation:l2_write'), 2);
});

t.test('given a write, the key goes by itself when the entry may no longer be served', async (t) => {
  const { store, clock, redis } = await storeOn(t);
  await write(redis, store, entryOf(clock));
  const px = await redis.pttl(nameOf(key));
  t.ok(px > 55_000 && px <= 60_000, `${px}`);
  t.same(await redis.keys('*'), [nameOf(key)]);
});

t.test('given an entry that may no longer be served, it is not written', async (t) => {
  const { store, clock, redis, observer } = await storeOn(t);
  const entry = entryOf(clock);
  clock.advance(60_000);
  t.equal(await write(redis, store, entry), 'refused');
  t.equal(await redis.exists(nameOf(key)), 0);
  t.equal(observer.count('l2_failures'), 0);
});

t.test('given nothing stored, there is nothing and no failure', async (t) => {
  const { store, observer } = await storeOn(t);
  t.equal(await readAny(store), null);
  t.equal(observer.count('l2_failures'), 0);
});

t.test('given a write that Redis took, the ledger is told; and of reads what it is told', async (t) => {
  const { store, clock, redis, ledger } = await storeOn(t);
  const entry = entryOf(clock);
  await write(redis, store, entry);
  const bytes = await redis.strlen(nameOf(key));
  t.same(ledger.notes, [`stored ${key.hash} ${bytes} ${entry.deleteAtMs}`]);
  await readAny(store);
  store.noteRead(key.hash);
  t.same(ledger.notes.slice(1), [`read ${key.hash}`]);
});

t.test('given a frame that is not to be believed, it is a miss and counted by its reason', async (t) => {
  const { store, clock, redis, observer } = await storeOn(t);
  const frame = await encodeFrame(entryOf(clock));
  const changed = (change: (frame: Buffer) => void): Buffer => {
    const copy = Buffer.from(frame);
    change(copy);
    return copy;
  };
  const wrong: readonly (readonly [fault: string, bytes: Buffer])[] = [
    ['magic', Buffer.alloc(1)],
    ['magic', Buffer.from('{"old":"format"}')],
    ['version', changed((copy) => copy.writeUInt8(9, 4))],
    ['length', frame.subarray(0, -1)],
    ['checksum', changed((copy) => copy.writeUInt8(1, 60))],
    ['key', await encodeFrame(entryOf(clock, 'x', makeKey('7', ['summary'])))],
  ];
  for (const [fault, bytes] of wrong) {
    const before = observer.count(`frame:${fault}`);
    await redis.set(nameOf(key), bytes);
    t.equal(await readAny(store), null, fault);
    t.equal(observer.count(`frame:${fault}`), before + 1, fault);
  }
  await redis.set(nameOf(key), frame);
  const mixed = { ...key, tenantHash: makeKey('8', []).tenantHash };
  t.equal(await readAny(store, mixed), null);
  t.equal(observer.count('frame:tenant'), 1);
  t.equal(observer.count('l2_failures'), 0, 'a wrong frame is no failure of Redis');
});

t.test('given an entry that is only looked at, nothing is counted, timed or noted', async (t) => {
  const { store, clock, redis, observer, ledger } = await storeOn(t);
  t.equal(await store.peek(key), null);
  const entry = entryOf(clock);
  await write(redis, store, entry);
  const notes = [...ledger.notes];
  t.equal((await store.peek(key))?.etag, entry.etag);
  await redis.set(nameOf(key), 'no frame');
  t.equal(await store.peek(key), null);
  redis.disconnect();
  t.equal(await store.peek(key), null);
  t.same(ledger.notes, notes);
  for (const name of ['operation:l2_read', 'frame:magic', 'frame:length', 'l2_failures'])
    t.equal(observer.count(name), 0, name);
});

t.test('given a value of another type under the name, it is a failure, counted, and a miss', async (t) => {
  const { store, redis, observer } = await storeOn(t);
  await redis.lpush(nameOf(key), 'x');
  t.equal(await readAny(store), null);
  t.equal(observer.count('l2_failures'), 1);
});

t.test('given a Redis that is full, a write is counted as failed and nobody is told of it', async (t) => {
  const server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
  t.teardown(() => server.stop());
  const { store, clock, redis, observer, ledger } = await storeOn(t, server);
  const entry = entryOf(clock);
  const lease = newLeaseValue(entry.stamp);
  await redis.set(`dc:{${key.hash}}:l`, lease);
  await redis.config('SET', 'maxmemory', '1');
  t.equal(await store.fill(entry, lease), 'unanswered');
  t.equal(observer.count('l2_failures'), 1);
  t.equal(observer.count('l2_writes'), 0);
  t.same(ledger.notes, []);
});

t.test('given no connection, reads and writes fail at once and are counted', async (t) => {
  const { store, clock, redis, observer } = await storeOn(t);
  redis.disconnect();
  t.equal(await readAny(store), null);
  t.equal(await store.fill(entryOf(clock), 'lease'), 'unanswered');
  t.equal(observer.count('l2_failures'), 2);
});

t.test('given a frozen Redis, a read and a write end at the deadline', async (t) => {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const { store, clock, observer } = await storeOn(t, server);
  server.freeze();
  for (const ask of [() => readAny(store), () => store.fill(entryOf(clock), 'lease')]) {
    let ended: unknown;
    const asked = ask().then((answer) => {
      ended = answer;
    });
    await new Promise((go) => setTimeout(go, 20));
    clock.advance(249);
    await new Promise((go) => setTimeout(go, 20));
    t.equal(ended, undefined);
    clock.advance(1);
    await turns();
    t.not(ended, undefined, 'at our deadline, before any of the client');
    t.ok(ended === null || ended === 'unanswered');
    await asked;
  }
  t.equal(observer.count('l2_failures'), 2);
  server.thaw();
});

t.test('given an entry read among others, it keeps no more memory than its own bytes', async (t) => {
  const { store, clock, redis } = await storeOn(t);
  const keys = Array.from({ length: 20 }, (_, i) => makeKey(null, [`${i}`]));
  for (const one of keys) await write(redis, store, entryOf(clock, 'x'.repeat(900), one));
  await write(redis, store, entryOf(clock, randomText(150_000)));
  const read = await Promise.all([...keys, key].map((one) => readAny(store, one)));
  for (const entry of read) {
    const bytes = entry?.body.ready('br') ?? entry?.body.ready('identity');
    t.equal(bytes?.buffer.byteLength, bytes?.length);
  }
});

function randomText(length: number): string {
  let noise = 1;
  let text = '';
  while (text.length < length) {
    noise = (noise * 48_271) % 2_147_483_647;
    text += noise.toString(36);
  }
  return text;
}
