import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Generations, type Verdict } from '../../services/cache/generations.js';
import { redisRoom } from '../helpers/cache-redis-room.js';
import { type CacheRoom, cacheRoom, type RoomOptions, turns } from '../helpers/cache-room.js';
import { Schedule, type ScheduleOptions } from '../helpers/cache-schedule.js';
import { ManualClock } from '../helpers/manual-clock.js';
import { startRedis } from '../helpers/redis-server.js';

const SINGLE_RUNS_COUNT = 1500;
const DOUBLE_RUNS_COUNT = 60;
const WAITING_RUNS_COUNT = 40;
const STEPS_COUNT = 60;
const ADVANCES_MS = [1, 50, 250, 1000, 10_000, 60_000, 300_000, 400_000];

class BlindGenerations extends Generations {
  override compare(): Verdict {
    return { is: 'current' };
  }
}

/** A process that believes an answer for a minute. */
class TrustingGenerations extends Generations {
  override get isTrusted(): boolean {
    return Number.isFinite(this.unconfirmedForMs) && this.unconfirmedForMs < 60_000;
  }
}

async function runAll(
  count: number,
  prepare: (seed: number) => Promise<ScheduleOptions>,
): Promise<Schedule[]> {
  const done: Schedule[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const schedule = new Schedule(await prepare(seed));
    await schedule.run(STEPS_COUNT);
    done.push(schedule);
  }
  return done;
}

/** What the first schedule that goes wrong says. */
async function firstViolation(
  count: number,
  prepare: (seed: number) => Promise<ScheduleOptions>,
): Promise<string | undefined> {
  for (let seed = 1; seed <= count; seed++) {
    const schedule = new Schedule(await prepare(seed));
    await schedule.run(STEPS_COUNT);
    if (schedule.violations.length > 0) return schedule.violations[0];
  }
  return undefined;
}

function summed(schedules: readonly Schedule[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { seen } of schedules) for (const [what, count] of seen) sum[what] = (sum[what] ?? 0) + count;
  return sum;
}

/** Longer than any entry may be served: nothing of one schedule reaches the next. */
const BETWEEN_MS = 10_000_000;

function single(room: CacheRoom): (seed: number) => Promise<ScheduleOptions> {
  return async (seed) => {
    room.clock.advance(BETWEEN_MS);
    // A slot in memory has nobody to tell: what is acknowledged is in force.
    return {
      seed,
      rooms: [room],
      clock: room.clock,
      inForceAfterMs: 0,
      waits: true,
      advancesMs: ADVANCES_MS,
      pause: () => turns(2),
    };
  };
}

t.test(
  'given any schedule in one process, no read is older than the last purge acknowledged before it',
  async (t) => {
    // Small enough for evictions.
    const schedules = await runAll(SINGLE_RUNS_COUNT, single(cacheRoom({ maxBytes: 30_000 })));
    t.same(schedules.flatMap(({ violations }) => violations).slice(0, 3), []);
    const seen = summed(schedules);
    t.comment(seen);
    for (const outcome of [
      'hit',
      'stale_hit',
      'error_hit',
      'miss',
      'collapsed',
      'bypass',
      'error',
      'purge',
      'expire',
    ])
      t.ok((seen[outcome] ?? 0) > 100, `${outcome} was met often: ${seen[outcome]}`);
  },
);

t.test('given a process that compares nothing, the same schedules find old reads', async (t) => {
  const blind = cacheRoom({ makeGenerations: (parts) => new BlindGenerations(parts) });
  t.match(await firstViolation(50, single(blind)), /purged up to/);
});

t.test(
  'given any schedule in two processes on one Redis, none is older once trust has run out',
  async (t) => {
    const prepare = await double(t);
    const schedules = await runAll(DOUBLE_RUNS_COUNT, prepare);
    t.same(schedules.flatMap(({ violations }) => violations).slice(0, 3), []);
    const seen = summed(schedules);
    t.comment(seen);
    for (const outcome of ['hit', 'stale_hit', 'miss', 'collapsed', 'purge', 'l2'])
      t.ok((seen[outcome] ?? 0) > 20, `${outcome} was met often: ${seen[outcome]}`);
  },
);

t.test('given processes that trust too long, the same schedules find old reads', async (t) => {
  const prepare = await double(t, { makeGenerations: (parts) => new TrustingGenerations(parts) });
  t.match(await firstViolation(60, prepare), /purged up to/);
});

t.test(
  'given any schedule in two processes whose purges wait, none is older than the last acknowledged',
  async (t) => {
    const schedules = await runAll(WAITING_RUNS_COUNT, await double(t, { waits: true, inForceAfterMs: 0 }));
    t.same(schedules.flatMap(({ violations }) => violations).slice(0, 3), []);
    const seen = summed(schedules);
    t.comment(seen);
    for (const outcome of ['hit', 'miss', 'purge', 'l2'])
      t.ok((seen[outcome] ?? 0) > 20, `${outcome} was met often: ${seen[outcome]}`);
  },
);

t.test('given purges that do not wait, the same schedules find old reads', async (t) => {
  t.match(await firstViolation(60, await double(t, { inForceAfterMs: 0 })), /purged up to/);
});

async function double(
  t: Test,
  {
    makeGenerations,
    waits = false,
    inForceAfterMs = 1000,
  }: Pick<RoomOptions, 'makeGenerations'> & { waits?: boolean; inForceAfterMs?: number } = {},
): Promise<(seed: number) => Promise<ScheduleOptions>> {
  const server = await startRedis();
  t.teardown(() => server.stop());
  const clock = new ManualClock();
  const options = makeGenerations ? { clock, makeGenerations } : { clock };
  const rooms = [await redisRoom(t, server.url, options), await redisRoom(t, server.url, options)];
  // No polls: a process learns by its own looks alone, at the latest possible moment.
  return async (seed) => {
    await rooms[0]?.redis.flushall();
    clock.advance(BETWEEN_MS);
    return {
      seed,
      rooms,
      clock,
      inForceAfterMs,
      waits,
      advancesMs: [1, 250, 999, 1000, 1000, 1500, 1500, 400_000],
      pause: () => sleep(2),
    };
  };
}
