import t from 'tap';
import type { CachePolicy } from '../../../services/cache/policy.js';
import {
  type CacheRoom,
  cacheRoom,
  deferred,
  requestOf,
  type ScriptedRequest,
  textOf,
  turns,
} from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { ScriptedSlot } from '../../helpers/scripted-slot.js';
import { SlotTruth } from '../../helpers/slot-truth.js';

interface Alone extends CacheRoom {
  readonly slot: ScriptedSlot;
  readonly request: ScriptedRequest;
}

/** A process that has a value of its panel, whose slot has then become silent, and whose trust is gone. */
async function alone(policy: Partial<CachePolicy> = {}): Promise<Alone> {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  const room = cacheRoom({ slot });
  let version = 0;
  const request = requestOf(() => `v${++version}`, { policy });
  await room.cache.read(request);
  slot.auto = 'silent';
  room.clock.advance(1000);
  await room.generations.prove([]);
  if (!room.generations.isIsolated) throw new Error('The process is not isolated');
  return { ...room, slot, request };
}

async function backAgain({ slot, generations, clock }: Alone): Promise<void> {
  slot.auto = 'answer';
  await generations.start();
  clock.advance(0);
}

t.test('given isolation, what was proven last is served, marked unproven, and nobody is asked', async (t) => {
  const { cache, slot, request } = await alone();
  const looks = slot.looksCount;
  for (let i = 0; i < 3; i++)
    t.hasStrict(await cache.read(request), { outcome: 'unproven_hit', layer: 'l1', stored: false });
  t.equal(slot.looksCount, looks);
  t.equal(request.loadsCount, 1);
});

t.test('given silence with trust left, hits are plain hits', async (t) => {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  const { cache, clock } = cacheRoom({ slot });
  const request = requestOf(() => 'x');
  await cache.read(request);
  slot.auto = 'silent';
  clock.advance(999);
  t.equal((await cache.read(request)).outcome, 'hit');
});

t.test('given trust that ran out at this very read, the reader finds isolation by one look', async (t) => {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  const { cache, clock } = cacheRoom({ slot });
  const request = requestOf(() => 'x');
  await cache.read(request);
  slot.auto = 'silent';
  clock.advance(1000);
  const looks = slot.looksCount;
  t.equal((await cache.read(request)).outcome, 'unproven_hit');
  t.equal(slot.looksCount, looks + 1);
});

t.test(
  'given isolation and an unproven value refused, the source is asked at once, by one load',
  async (t) => {
    const { cache, request } = await alone({ unproven: 'never' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => cache.read(request)));
    t.same(answers.map(({ outcome }) => outcome).sort(), [
      ...['collapsed', 'collapsed', 'collapsed', 'collapsed'],
      'miss',
    ]);
    t.match(String(answers[0]?.entry.body.ready('identity')), /^v2/);
    t.equal((await cache.read(request)).outcome, 'miss', 'also what was loaded alone is unproven');
    t.equal(request.loadsCount, 3);
  },
);

t.test(
  'given isolation, an unproven value refused and a source that fails, there is the error',
  async (t) => {
    const room = await alone();
    const down = new Error('down');
    const never = requestOf(() => Promise.reject(down), { policy: { unproven: 'never' } });
    await t.rejects(room.cache.read(never), down);
  },
);

t.test('given isolation, a cold key is loaded once, kept here, and unproven when read again', async (t) => {
  const { cache } = await alone();
  const cold = requestOf(() => 'cold', { parts: ['cold'], tags: ['all', 'cold'] });
  t.hasStrict(await cache.read(cold), { outcome: 'miss', stored: true });
  t.hasStrict(await cache.read(cold), { outcome: 'unproven_hit' });
  t.equal(cold.loadsCount, 1);
});

t.test('given isolation and a stale value, it is served unproven and refreshed', async (t) => {
  const room = await alone();
  const { cache, clock, request } = room;
  clock.advance(300_000);
  const answer = await cache.read(request);
  t.equal(answer.outcome, 'unproven_hit');
  await cache.settled();
  t.equal(request.loadsCount, 2);
});

t.test('given the end of isolation and no purge missed, the old value is a hit again', async (t) => {
  const room = await alone();
  await backAgain(room);
  t.hasStrict(await room.cache.read(room.request), { outcome: 'hit' });
  room.generations.stop();
});

t.test('given the end of isolation and a purge missed, the old value is gone', async (t) => {
  const room = await alone();
  t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
  room.slot.truth.invalidate({ tags: ['panel'], mode: 'purge' });
  await backAgain(room);
  t.hasStrict(await room.cache.read(room.request), { outcome: 'miss' });
  room.generations.stop();
});

t.test('given the end of isolation, what was loaded under made-up generations is loaded again', async (t) => {
  const room = await alone();
  const cold = requestOf(() => 'cold', { parts: ['cold'], tags: ['all', 'cold'] });
  await room.cache.read(cold);
  await backAgain(room);
  t.hasStrict(await room.cache.read(cold), { outcome: 'unproven_hit' });
  await room.cache.settled();
  t.equal(cold.loadsCount, 2);
  t.hasStrict(await room.cache.read(cold), { outcome: 'hit' });
  room.generations.stop();
});

t.test(
  'given a load begun alone that ends after Redis is back, it answers its reader and is not kept',
  async (t) => {
    const room = await alone();
    const load = deferred<string>();
    const loads = [load.promise, Promise.resolve('anew')];
    const cold = requestOf(() => loads.shift() ?? '', { parts: ['cold'], tags: ['all', 'cold'] });
    const reader = room.cache.read(cold);
    await turns();
    await backAgain(room);
    await room.generations.prove(['all', 'cold']);
    load.resolve('cold');
    t.hasStrict(await reader, { outcome: 'miss', stored: false });
    t.match(textOf(await room.cache.read(cold)), /^anew/, 'what was loaded after it is');
    room.generations.stop();
  },
);

t.test('given a purge asked for in isolation, it is refused to the asker and holds here', async (t) => {
  const room = await alone();
  await t.rejects(room.cache.invalidate(['panel'], 'purge', { wait: false }), /did not take/);
  const answer = await room.cache.read(room.request);
  t.equal(answer.outcome, 'miss');
  t.match(String(answer.entry.body.ready('identity')), /^v2/);
});

t.test(
  'given a process that never met Redis, it works alone and starts anew at the first contact',
  async (t) => {
    const slot = new ScriptedSlot();
    slot.auto = 'silent';
    const { cache, generations } = cacheRoom({ slot });
    const request = requestOf(() => 'x');
    t.hasStrict(await cache.read(request), { outcome: 'miss', stored: true });
    t.hasStrict(await cache.read(request), { outcome: 'unproven_hit' });
    slot.auto = 'answer';
    await generations.start();
    t.hasStrict(await cache.read(request), { outcome: 'unproven_hit' });
    await cache.settled();
    t.equal(request.loadsCount, 2);
    t.hasStrict(await cache.read(request), { outcome: 'hit' });
    generations.stop();
  },
);

t.test(
  'given a look that fails with trust left, a cold key is loaded and not taken for proven',
  async (t) => {
    const slot = new ScriptedSlot();
    slot.auto = 'answer';
    const { cache, generations } = cacheRoom({ slot });
    await cache.read(requestOf(() => 'warm'));
    slot.auto = 'silent';
    const cold = requestOf(() => 'cold', { parts: ['cold'], tags: ['all', 'cold'] });
    t.hasStrict(await cache.read(cold), { outcome: 'miss' });
    slot.auto = 'answer';
    await generations.start();
    t.hasStrict(await cache.read(cold), { outcome: 'unproven_hit' }, 'its generation was made up');
    generations.stop();
  },
);

t.test(
  'given a gap while a load runs that then fails, the old value is unknown and not the fallback',
  async (t) => {
    const slot = new ScriptedSlot();
    slot.auto = 'answer';
    const { cache, clock, generations, observer } = cacheRoom({ slot });
    const load = deferred<string>();
    let asked = 0;
    const request = requestOf(() => (++asked === 1 ? 'old' : load.promise));
    await cache.read(request);
    clock.advance(360_000);
    const reader = cache.read(request);
    reader.catch(() => {});
    await turns();
    slot.truth.invalidate({ tags: ['panel'], mode: 'purge' });
    slot.truth.trim();
    await generations.start();
    generations.stop();
    t.equal(observer.count('gaps'), 1);
    load.reject(new Error('down'));
    await t.rejects(reader, /down/);
  },
);

interface Joining {
  readonly room: CacheRoom;
  readonly request: ScriptedRequest;
  readonly open: () => void;
}

/** A load that has read the old value and goes on, while Redis falls silent here and another process purges that value. */
async function loadOutlivedByPurge(policy: Partial<CachePolicy> = {}): Promise<Joining> {
  const [truth, clock] = [new SlotTruth(), new ManualClock()];
  const [slot, otherSlot] = [new ScriptedSlot(truth), new ScriptedSlot(truth)];
  slot.auto = otherSlot.auto = 'answer';
  const room = cacheRoom({ slot, clock });
  const other = cacheRoom({ slot: otherSlot, clock });
  const gate = deferred<void>();
  let value = 'old';
  const load = async () => {
    const read = value;
    if (read === 'old') await gate.promise;
    return read;
  };
  const request = requestOf(load, { policy });
  void room.cache.read(request);
  await turns();
  slot.auto = 'silent';
  await other.generations.refresh(request.tags);
  value = 'new';
  const purging = other.cache.invalidate(['all'], 'purge');
  await turns();
  // Acknowledged without this process, whose trust has run out.
  clock.advance(1100);
  await purging;
  await room.generations.refresh();
  return { room, request, open: gate.resolve };
}

t.test('given a load that began before isolation, who joins it in isolation is told so', async (t) => {
  const { room, request, open } = await loadOutlivedByPurge();
  const reader = room.cache.read(request);
  await turns();
  open();
  const answer = await reader;
  t.match(textOf(answer), /^old/, 'the one load of this process');
  t.hasStrict(answer, { outcome: 'collapsed', isUnproven: true });
  t.equal(room.observer.count('unproven_joins'), 1);
});

t.test('given such a load of what must be proven, it is not joined', async (t) => {
  const { room, request } = await loadOutlivedByPurge({ unproven: 'never' });
  const answer = await room.cache.read(request);
  t.match(textOf(answer), /^new/);
  t.equal(answer.isUnproven, undefined);
});

t.test('given a load that began in isolation, its own reader is given what is new', async (t) => {
  const { cache, request, clock } = await alone();
  clock.advance(request.policy.ttlMs + request.policy.graceMs);
  const [own, joined] = await Promise.all([cache.read(request), cache.read(request)]);
  t.equal(own?.isUnproven, undefined);
  t.hasStrict(joined, { outcome: 'collapsed', isUnproven: true });
});
