import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import t from 'tap';
import { systemClock } from '../../../services/clock.js';
import { dayOf } from '../../../services/statistics/day-record.js';
import { DAY_MS, Days } from '../../../services/statistics/days.js';
import { History } from '../../../services/statistics/history.js';
import { KEPT_DAYS_COUNT, RedisDays } from '../../../services/statistics/redis-days.js';
import { RedisHistory } from '../../../services/statistics/redis-history.js';
import { Statistics } from '../../../services/statistics/statistics.js';
import { askRedis } from '../../helpers/ask-redis.js';
import { documentedUser } from '../../helpers/documented-user.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { redisFor } from './support/redis-for.js';

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 5, 15, 12);
const DAY_ONE = Math.floor(NOON_MS / DAY_MS);
const KEY = 'dc:{h}:days';
const WRITTEN = {
  ...{ minute: DAY_ONE * 1440, requests: 1, hits: 1, misses: 0, bypasses: 0, errors: 0, stale_hits: 0 },
  ...{ source_queries: 0, cache_errors: 0, l1: '~0', l2: '~0', source: '~0', dashboard: '~0' },
  ...{ l1_bytes: 1, redis_bytes: null },
};

/** One process whose hands are turned, while Redis' deadlines run in real time. */
function newProcess({ clock, redis }: { clock: ManualClock; redis?: Redis }) {
  const log = new RecordingLog();
  const statistics = new Statistics({
    clock,
    log,
    logIntervalCount: 1_000_000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 1, l1Bytes: () => 10, l1MaxBytes: 100 },
    panels: () => [{ dashboardId: 'operations', panelId: 'metrics', title: 'Metrics' }],
  });
  const redisClock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: systemClock.monotonicMs,
    after: systemClock.after,
  };
  const parts = redis && { redis, prefix: 'dc:', clock: redisClock };
  const redisHistory = parts ? new RedisHistory(parts) : null;
  const history = new History({ clock, log, statistics, redisBytes: () => 777, redis: redisHistory });
  const days = new Days({ clock, log, history, redis: parts ? new RedisDays(parts) : null });
  const read = (count: number) => {
    for (let i = 0; i < count; i++)
      statistics.read('operations', 'metrics', { outcome: 'hit', layer: 'l1', latencyMs: 10 });
  };
  const requests = async () => {
    const { reach, days: all } = await days.all();
    return [reach, ...all.map(({ day, requests }) => [day - DAY_ONE, requests])];
  };
  return { statistics, history, redisHistory, days, read, requests };
}

t.test('in memory: days of this process, that of today up to its last whole minute', async (t) => {
  const clock = new ManualClock(NOON_MS);
  const { history, read, requests, days, statistics } = newProcess({ clock });
  t.same(await requests(), ['process'], 'the minute that runs is none yet');
  history.start();
  read(3);
  statistics.sourceQuery('main', 90, false);
  clock.advance(MINUTE_MS);
  read(2);
  statistics.sourceQuery('main', 90, false);
  statistics.sourceQuery('main', 90, false);
  t.same(await requests(), ['process', [0, 3]]);
  clock.advance(12 * 60 * MINUTE_MS);
  read(4);
  clock.advance(MINUTE_MS);
  t.same(await requests(), ['process', [0, 5], [1, 4]]);
  const [first] = (await days.all()).days;
  t.match(first, {
    hits: 5,
    source_queries: 3,
    busiest_minute_queries: 2,
    minutesCount: 720,
    partsCount: 720,
    redis_max_bytes: 777,
  });
});

t.test('minutes that are gone after eight days: their day is still told, for 400 days', async (t) => {
  const clock = new ManualClock(NOON_MS);
  const { history, days, read, requests } = newProcess({ clock });
  history.start();
  days.start();
  read(5);
  for (let day = 0; day < 9; day++) {
    clock.advance(DAY_MS);
    await days.step();
  }
  t.same((await requests())[1], [0, 5]);
  t.equal((await history.minutes({ fromMs: 0, toMs: NOON_MS + MINUTE_MS })).minutes.length, 0, 'the minutes');
  days.close();
  // No need to live through them: nothing is recorded meanwhile.
  await history.close();
  clock.advance((KEPT_DAYS_COUNT + 1) * DAY_MS);
  await days.step();
  t.notOk((await days.all()).days.some(({ day }) => day === DAY_ONE));
});

t.test('two processes on one Redis: a day is the sum, whoever makes it, and outlives both', async (t) => {
  const { redis } = await redisFor(t);
  const clock = new ManualClock(NOON_MS);
  const [one, two] = [newProcess({ clock, redis }), newProcess({ clock, redis })];
  one.read(3);
  two.read(4);
  await Promise.all([one.history.close(), two.history.close()]);
  clock.advance(DAY_MS);
  const third = newProcess({ clock, redis });
  t.same(await third.requests(), ['cluster', [0, 7]]);
  await Promise.all([third.days.step(), newProcess({ clock, redis }).days.step()]);
  t.same(await redis.hlen(KEY), 1);
  const bytes = await redis.hstrlen(KEY, String(DAY_ONE));
  t.ok(bytes > 0 && bytes < 200, `${bytes} bytes`);
  t.ok(((await third.redisHistory?.usageBytes()) ?? 0) >= bytes, 'it is in the account of our memory');
  // The minutes end, the day does not.
  clock.advance(30 * DAY_MS);
  await redis.del(`dc:{h}:${NOON_MS / 3_600_000}`);
  t.same((await newProcess({ clock, redis }).requests()).slice(0, 2), ['cluster', [0, 7]]);
});

t.test(
  'a process that writes its minutes late: the fuller record of the day stays, in any order',
  async (t) => {
    const { redis } = await redisFor(t);
    const clock = new ManualClock(NOON_MS);
    const [one, late] = [newProcess({ clock, redis }), newProcess({ clock, redis })];
    one.read(3);
    late.read(4);
    await one.history.close();
    clock.advance(DAY_MS);
    const maker = newProcess({ clock, redis });
    await maker.days.step();
    t.match(await redis.hget(KEY, String(DAY_ONE)), /^1 /);
    await late.history.close();
    await maker.days.step();
    t.match(await redis.hget(KEY, String(DAY_ONE)), /^2 /);
    t.same((await maker.requests())[1], [0, 7]);
    // A process that saw less comes last.
    const store = new RedisDays({ redis, prefix: 'dc:', clock: systemClock });
    const [record] = await store.read();
    t.ok(record);
    if (record) await store.write({ ...record, partsCount: 1, requests: 3 }, DAY_ONE + 1);
    t.match(await redis.hget(KEY, String(DAY_ONE)), /^2 /);
  },
);

t.test('Redis away, then empty: only today is known meanwhile, and the days are written back', async (t) => {
  const { server, redis, ready } = await redisFor(t);
  const clock = new ManualClock(NOON_MS);
  const one = newProcess({ clock, redis });
  const two = newProcess({ clock, redis });
  one.history.start();
  one.read(3);
  two.read(4);
  await two.history.close();
  clock.advance(13 * 60 * MINUTE_MS);
  while ((await redis.hlen(`dc:{h}:${NOON_MS / 3_600_000}`)) < 61) await sleep(5);
  server.freeze();
  await one.days.step();
  t.same((await one.requests()).slice(0, 1), ['process']);
  t.notOk(
    (await one.days.all()).days.some(({ day }) => day === DAY_ONE),
    'no half day is taken for the whole',
  );
  server.thaw();
  await ready();
  await one.days.step();
  t.same((await one.requests())[1], [0, 7]);
  await server.restart();
  await ready();
  t.equal(await redis.exists(KEY), 0);
  await one.days.step();
  t.match(await redis.hget(KEY, String(DAY_ONE)), /^721 /);
  await one.history.close();
});

t.test('records of another format, and days that are too old or to come: ignored, and dropped', async (t) => {
  const { redis } = await redisFor(t);
  const clock = new ManualClock(NOON_MS);
  await redis.hset(KEY, { x: '1 []', [DAY_ONE - 1]: '5 [[1],1]', [DAY_ONE - 2]: 'none' });
  const { requests } = newProcess({ clock, redis });
  t.same(await requests(), ['cluster']);
  const old = Array.from({ length: KEPT_DAYS_COUNT + 5 }, (_, i) => [`${DAY_ONE - 390 - i}`, '1 []']).flat();
  await redis.hset(KEY, DAY_ONE + 50, '1 []', ...old);
  const store = new RedisDays({ redis, prefix: 'dc:', clock: systemClock });
  await store.write(dayOf(DAY_ONE, [WRITTEN]), DAY_ONE);
  t.equal(await redis.hexists(KEY, String(DAY_ONE)), 1);
  t.equal(await redis.hexists(KEY, String(DAY_ONE + 50)), 0);
  t.equal(await redis.hexists(KEY, 'x'), 0);
  t.equal(await redis.hexists(KEY, String(DAY_ONE - 400)), 1);
  t.equal(await redis.hexists(KEY, String(DAY_ONE - 401)), 0);
  const leftMs = await redis.pttl(KEY);
  t.ok(leftMs > 399 * DAY_MS && leftMs <= 400 * DAY_MS);
});

t.test(
  'as the user of the documentation: a day is kept, old ones are dropped, the account is made',
  async (t) => {
    const { server, redis } = await redisFor(t, { user: documentedUser() });
    const store = new RedisDays({ redis, prefix: 'dc:', clock: systemClock });
    await store.write(
      dayOf(DAY_ONE - 500, [{ ...WRITTEN, minute: WRITTEN.minute - 500 * 1440 }]),
      DAY_ONE - 500,
    );
    for (let at = 0; at <= KEPT_DAYS_COUNT + 1; at++) await redis.hset(KEY, DAY_ONE + at, '0 []');
    await store.write(dayOf(DAY_ONE, [WRITTEN]), DAY_ONE);
    t.same(
      (await store.read()).map(({ day }) => day),
      [DAY_ONE],
      'the one of long ago is gone',
    );
    t.equal(await redis.hlen(KEY), 2, 'and of those to come all but tomorrow');
    const { redisHistory } = newProcess({ clock: new ManualClock(NOON_MS), redis });
    t.ok(((await redisHistory?.usageBytes()) ?? 0) > 0);
    t.same(await askRedis(server.port, 'ACL', 'LOG'), [], 'nothing was refused');
  },
);
