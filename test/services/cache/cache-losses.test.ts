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
import { ScriptedSlot } from '../../helpers/scripted-slot.js';

/** How long what cannot be proven may be served after Redis answers again. */
const MOMENT_MS = 2000;

interface Source {
  fails: boolean;
  /** What loads wait for; null: for nothing. */
  held: Promise<unknown> | null;
}

interface Room extends CacheRoom {
  readonly slot: ScriptedSlot;
  readonly source: Source;
  readonly request: ScriptedRequest;
}

/** A process that trusts Redis and has v1 of its panel. */
async function warm(policy: Partial<CachePolicy> = {}): Promise<Room> {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  const room = cacheRoom({ slot });
  const source: Source = { fails: false, held: null };
  let version = 0;
  const request = requestOf(
    async () => {
      await source.held;
      if (source.fails) throw new Error('down');
      return `v${++version}`;
    },
    { policy },
  );
  await room.cache.read(request);
  return { ...room, slot, source, request };
}

/** Redis falls silent, until nobody trusts it any more; `meanwhile` happens; then it answers again. */
async function silence({ slot, clock, generations }: Room, meanwhile: () => void): Promise<void> {
  slot.auto = 'silent';
  clock.advance(1000);
  await generations.refresh();
  if (!generations.isIsolated) throw new Error('The process is not isolated');
  meanwhile();
  slot.auto = 'answer';
  await generations.refresh();
}

t.test(
  'given data lost while Redis was silent, the old value is served unproven while it is loaded once',
  async (t) => {
    const room = await warm();
    const load = deferred<void>();
    room.source.held = load.promise;
    await silence(room, () => room.slot.truth.lose());
    for (let i = 0; i < 3; i++) {
      const answer = await room.cache.read(room.request);
      t.hasStrict(answer, { outcome: 'unproven_hit', layer: 'l1' });
      t.match(textOf(answer), /^v1/);
      t.equal(answer.staleAtMs, room.clock.nowMs(), 'stale since the loss');
    }
    load.resolve();
    await room.cache.settled();
    const answer = await room.cache.read(room.request);
    t.equal(answer.outcome, 'hit');
    t.match(textOf(answer), /^v2/);
    t.same(room.request.causes, ['absent', 'lost']);
  },
);

t.test('given 2 s after Redis answers again, readers wait for the load that still runs', async (t) => {
  const room = await warm();
  const load = deferred<void>();
  room.source.held = load.promise;
  await silence(room, () => room.slot.truth.lose());
  room.clock.advance(MOMENT_MS - 1);
  await room.generations.refresh();
  t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
  room.clock.advance(1);
  const reader = room.cache.read(room.request);
  await turns();
  load.resolve();
  t.equal((await reader).outcome, 'collapsed');
  t.equal(room.request.loadsCount, 2);
});

t.test('given 2 s and a source that fails, the old value is served, still unproven', async (t) => {
  const room = await warm();
  room.source.fails = true;
  await silence(room, () => room.slot.truth.lose());
  room.clock.advance(MOMENT_MS);
  t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
  room.clock.advance(room.request.policy.staleIfErrorMs - MOMENT_MS - 1);
  t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
  room.clock.advance(1);
  await t.rejects(room.cache.read(room.request), /down/, 'no longer than its policy allows while it fails');
});

t.test('given 2 s and a source that is slow, a soft deadline does not bring the old value', async (t) => {
  const room = await warm({ softDeadlineMs: 100 });
  const load = deferred<void>();
  room.source.held = load.promise;
  await silence(room, () => room.slot.truth.lose());
  room.clock.advance(MOMENT_MS);
  const reader = room.cache.read(room.request);
  await turns();
  room.clock.advance(100);
  await turns();
  load.resolve();
  t.match(textOf(await reader), /^v2/);
});

for (const { title, purge } of [
  {
    title: 'by another process between the loss and our first look',
    purge: (room: Room) =>
      silence(room, () => {
        room.slot.truth.lose();
        room.slot.truth.invalidate({ tags: ['panel'], mode: 'purge', cause: 'request' });
      }),
  },
  {
    title: 'by another process after our first look',
    purge: async (room: Room) => {
      await silence(room, () => room.slot.truth.lose());
      room.slot.truth.invalidate({ tags: ['all'], mode: 'purge', cause: 'request' });
      await room.generations.refresh();
    },
  },
  {
    title: 'by this process after its first look',
    purge: async (room: Room) => {
      await silence(room, () => room.slot.truth.lose());
      await room.cache.invalidate(['panel'], 'purge', { wait: false });
    },
  },
  {
    title: 'by this process while Redis was silent',
    purge: async (room: Room) => {
      const purged: Promise<unknown>[] = [];
      await silence(room, () => {
        purged.push(t.rejects(room.cache.invalidate(['panel'], 'purge')));
        room.slot.truth.lose();
      });
      await Promise.all(purged);
    },
  },
  {
    title: 'before Redis fell silent, and the old value lies where the loss brought it back',
    purge: async (room: Room) => {
      const old = room.memory.peek(room.request.key.hash);
      await room.cache.invalidate(['panel'], 'purge', { wait: false });
      await silence(room, () => room.slot.truth.lose());
      if (old) room.memory.write(old);
    },
  },
  {
    title: 'perhaps, since the new log no longer reaches back to its beginning',
    purge: (room: Room) =>
      silence(room, () => {
        room.slot.truth.lose();
        room.slot.truth.invalidate({ tags: ['other'], mode: 'purge', cause: 'request' });
        room.slot.truth.trim();
      }),
  },
])
  t.test(`given a loss and a purge ${title}, the old value is never served`, async (t) => {
    const room = await warm();
    const load = deferred<void>();
    room.source.held = load.promise;
    await purge(room);
    const reader = room.cache.read(room.request);
    reader.catch(() => {});
    await turns();
    room.source.fails = true;
    load.resolve();
    await t.rejects(reader, /down/);
  });

t.test('given data lost while Redis answered all the time, readers wait at once', async (t) => {
  const room = await warm();
  room.slot.truth.lose();
  await room.generations.refresh();
  room.source.fails = true;
  t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit', 'unless the source fails');
  room.source.fails = false;
  room.clock.advance(1000);
  const answer = await room.cache.read(room.request);
  t.equal(answer.outcome, 'miss');
});

t.test('given a panel that must be proven, nothing lost is served, whatever fails', async (t) => {
  const room = await warm({ unproven: 'never' });
  room.source.fails = true;
  await silence(room, () => room.slot.truth.lose());
  await t.rejects(room.cache.read(room.request), /down/);
});

t.test('given a loss upon a loss, what was lost first is served only while the source fails', async (t) => {
  const room = await warm();
  room.source.fails = true;
  await silence(room, () => room.slot.truth.lose());
  await room.cache.settled();
  room.clock.advance(MOMENT_MS);
  await silence(room, () => room.slot.truth.lose());
  t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
  room.source.fails = false;
  room.clock.advance(1000);
  t.equal((await room.cache.read(room.request)).outcome, 'miss');
});

t.test('given a value loaded while Redis was silent, it is served for a moment after', async (t) => {
  const room = await warm();
  const cold = requestOf(() => 'alone', { parts: ['cold'], tags: ['all', 'cold'] });
  const reads: Promise<unknown>[] = [];
  await silence(room, () => {
    reads.push(room.cache.read(cold));
  });
  await Promise.all(reads);
  room.slot.truth.invalidate({ tags: ['cold'], mode: 'purge', cause: 'request' });
  await room.generations.refresh();
  t.equal((await room.cache.read(cold)).outcome, 'miss', 'unless it was purged since');
});

/** The order in which keys are loaded after a loss that have been read so often each: one load ends after the other. */
async function restoredInOrder(reads: readonly number[]): Promise<string[]> {
  const slot = new ScriptedSlot();
  slot.auto = 'answer';
  const { cache, generations } = cacheRoom({ slot });
  const order: string[] = [];
  let isHeld = false;
  const steps: (() => void)[] = [];
  const requests = reads.map((count, index) => ({
    count,
    request: requestOf(
      async () => {
        if (!isHeld) return 'x';
        order.push(`read ${count}`);
        await new Promise<void>((resolve) => steps.push(resolve));
        return 'x';
      },
      { parts: [String(index)] },
    ),
  }));
  for (const { count, request } of requests) for (let i = 0; i < count; i++) await cache.read(request);
  isHeld = true;
  slot.truth.lose();
  await generations.refresh();
  for (let begun = 0; begun < reads.length; begun++) {
    await turns();
    steps.shift()?.();
  }
  await cache.settled();
  return order;
}

t.test('given a loss, each live key is loaded once, the hottest first, four at a time', async (t) => {
  const counts = [1, 3, 9, 2, 8, 4, 7, 5, 6];
  const order = await restoredInOrder(counts);
  t.same(
    order,
    [9, 8, 7, 6, 5, 4, 3, 2, 1].map((count) => `read ${count}`),
  );
});

t.test('given a key that nobody has read for ten minutes, it is not loaded after a loss', async (t) => {
  const room = await warm();
  room.clock.advance(10 * 60_000);
  await room.generations.refresh();
  room.slot.truth.lose();
  await room.generations.refresh();
  await room.cache.settled();
  t.equal(room.request.loadsCount, 1);
});

t.test(
  'given a generation that Redis has lost, the old value is served only while the source fails',
  async (t) => {
    const room = await warm();
    room.slot.truth.evict('panel');
    room.source.fails = true;
    await room.generations.refresh(['panel']);
    t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
    room.slot.truth.invalidate({ tags: ['panel'], mode: 'purge', cause: 'request' });
    await room.generations.refresh();
    await t.rejects(room.cache.read(room.request), /down/, 'and not once it is purged');
  },
);

t.test('given a generation lost and purged before anybody has looked, the old value is gone', async (t) => {
  const room = await warm();
  room.source.fails = true;
  room.slot.truth.evict('panel');
  room.slot.truth.invalidate({ tags: ['panel'], mode: 'purge', cause: 'request' });
  await room.generations.refresh(['panel']);
  await t.rejects(room.cache.read(room.request), /down/);
});

t.test(
  'given a generation lost and then expired, which takes another for it, that is no purge',
  async (t) => {
    const room = await warm();
    room.source.fails = true;
    room.slot.truth.evict('panel');
    room.slot.truth.invalidate({ tags: ['panel'], mode: 'expire', cause: 'request' });
    await room.generations.refresh();
    t.equal((await room.cache.read(room.request)).outcome, 'unproven_hit');
  },
);

t.test(
  'given a value loaded in isolation whose root is lost next, it is there while the source fails',
  async (t) => {
    const room = await warm();
    const answers = [Promise.resolve('alone')];
    const load = () => answers.shift() ?? Promise.reject(new Error('down'));
    const cold = requestOf(load, { parts: ['cold'], tags: ['all', 'cold'] });
    room.slot.auto = 'silent';
    room.clock.advance(1000);
    await room.generations.refresh();
    t.equal((await room.cache.read(cold)).stored, true);
    room.slot.auto = 'answer';
    // Redis has generations of its own for these tags by now.
    await room.generations.refresh(cold.tags);
    room.slot.truth.lose();
    await room.generations.refresh();
    t.equal((await room.cache.read(cold)).outcome, 'unproven_hit');
  },
);
