import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { Generations } from '../../../services/cache/generations.js';
import { type RedisSlot, redisProcess, slotOn } from '../../helpers/cache-redis-slot.js';
import { turns } from '../../helpers/cache-room.js';
import { startJumpingRedis } from '../../helpers/jumping-redis.js';
import { ManualClock } from '../../helpers/manual-clock.js';

const HOUR_MS = 3_600_000;
const TRUST_MS = 1000;
const purge = { tags: ['a'], mode: 'purge', cause: 'request' } as const;

interface Two extends Pick<RedisSlot, 'redis' | 'clock'> {
  readonly one: Generations;
  readonly two: Generations;
  jumpTo(offsetMs: number): void;
  membersCount(): Promise<number>;
}

/** Two processes that know each other for longer than trust. The clock of the second stands: it trusts and does not look. */
async function twoProcesses(t: Test): Promise<Two> {
  const { server, jumpTo } = await startJumpingRedis(t);
  const { redis, clock } = await slotOn(t, server);
  const one = (await redisProcess(t, server, clock)).generations;
  const two = (await redisProcess(t, server, new ManualClock())).generations;
  await pass({ redis, clock }, TRUST_MS);
  t.ok(await one.refresh());
  const membersCount = async () => (await redis.hlen('dc:{g}:members')) - 1;
  t.equal(await membersCount(), 2);
  return { jumpTo, redis, clock, one, two, membersCount };
}

/** Turns the hands no faster than Redis answers what was asked before. */
async function pass({ redis, clock }: { redis: Redis; clock: ManualClock }, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 25) {
    clock.advance(Math.min(left, 25));
    await redis.ping();
    await turns();
  }
}

/** By the clock of the first process, whose purge it is; the second says nothing. */
async function purgeTakesMs({ one, redis, clock }: Two): Promise<number> {
  let isAcknowledged = false;
  const done = one.invalidate(purge, { wait: true }).then(() => {
    isAcknowledged = true;
  });
  const startedMs = clock.monotonicMs();
  while (!isAcknowledged && clock.monotonicMs() - startedMs < 2 * TRUST_MS) await pass({ redis, clock }, 25);
  await done;
  return clock.monotonicMs() - startedMs;
}

t.test(
  'a clock that jumps an hour ahead: members are removed early, and a purge waits for their trust',
  async (t) => {
    const both = await twoProcesses(t);
    const { one, two, jumpTo, membersCount } = both;
    jumpTo(HOUR_MS);
    t.ok(await one.refresh());
    t.equal(await membersCount(), 1, 'the second is taken for silent');
    t.ok(two.isTrusted, 'and uses its memory');
    const tookMs = await purgeTakesMs(both);
    t.ok(tookMs >= TRUST_MS, `${tookMs} ms`);
    t.ok(await two.refresh());
    t.equal(await membersCount(), 2, 'it is back as soon as it looks');
  },
);

t.test('a member that is removed and nobody says so: the purge is acknowledged early', async (t) => {
  const both = await twoProcesses(t);
  const { redis, jumpTo, one, two, membersCount } = both;
  jumpTo(HOUR_MS);
  // What the look of another process would do that knows nothing of lists.
  for (const id of await redis.zrange('dc:{g}:seen', '0', '-1')) await redis.hdel('dc:{g}:members', id);
  await redis.del('dc:{g}:seen');
  t.ok(await one.refresh());
  t.equal(await membersCount(), 1);
  const tookMs = await purgeTakesMs(both);
  t.ok(tookMs < TRUST_MS / 2, `${tookMs} ms`);
  t.ok(two.isTrusted, 'the second still uses what was purged');
});

t.test('a clock that jumps back: nobody is removed, and a purge waits for all', async (t) => {
  const both = await twoProcesses(t);
  both.jumpTo(-HOUR_MS);
  t.ok(await both.one.refresh());
  t.equal(await both.membersCount(), 2);
  t.ok((await purgeTakesMs(both)) >= TRUST_MS);
});
