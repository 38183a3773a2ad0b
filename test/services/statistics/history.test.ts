import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import t from 'tap';
import { systemClock } from '../../../services/clock.js';
import { History } from '../../../services/statistics/history.js';
import { RedisHistory } from '../../../services/statistics/redis-history.js';
import { Statistics } from '../../../services/statistics/statistics.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { redisFor } from './support/redis-for.js';

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 5, 15, 12);
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

/** Runs on turned hands, but Redis' deadlines run in real time. */
class TurnedClock extends ManualClock {
  readonly redisClock = {
    nowMs: () => this.nowMs(),
    monotonicMs: systemClock.monotonicMs,
    after: systemClock.after,
  };
}

function newProcess(options: { clock: TurnedClock; redis?: Redis }) {
  const { clock, redis } = options;
  const log = new RecordingLog();
  const statistics = new Statistics({
    clock,
    log,
    logIntervalCount: 1_000_000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 1, l1Bytes: () => 10, l1MaxBytes: 100 },
    panels: () => [{ dashboardId: 'operations', panelId: 'metrics', title: 'Metrics' }],
  });
  const redisHistory = redis ? new RedisHistory({ redis, prefix: 'dc:', clock: clock.redisClock }) : null;
  const history = new History({ clock, log, statistics, redisBytes: () => 777, redis: redisHistory });
  const read = (outcome: 'hit' | 'stale_hit' | 'miss' | 'bypass' | 'error', count = 1) => {
    for (let i = 0; i < count; i++)
      statistics.read('operations', 'metrics', {
        outcome,
        layer: outcome.endsWith('hit') ? 'l1' : 'source',
        latencyMs: outcome.endsWith('hit') ? 0.1 : 100,
      });
  };
  const requests = async () => {
    const { reach, minutes } = await history.minutes(ALL);
    return [reach, ...minutes.map((minute) => minute.requests)];
  };
  return { statistics, history, redisHistory, read, requests, log };
}

t.test('in memory: a record a minute of what that minute counted, the running one included', async (t) => {
  const clock = new TurnedClock(NOON_MS + 20_000);
  const { statistics, history, read } = newProcess({ clock });
  history.start();
  read('hit', 3);
  read('stale_hit');
  read('miss', 2);
  statistics.sourceQuery('main', 90, false);
  statistics.sourceQuery('files', 90, false);
  clock.advance(MINUTE_MS);
  read('bypass');
  read('error');
  const { reach, minutes } = await history.minutes(ALL);
  t.equal(reach, 'process');
  t.equal(minutes.length, 2);
  t.match(minutes[0], {
    start: '2026-06-15T12:00:00.000Z',
    requests: 6,
    hits: 4,
    misses: 2,
    bypasses: 0,
    errors: 0,
    stale_hits: 1,
    hit_rate: 66.67,
    source_queries: 2,
    l1_bytes: 10,
    redis_bytes: 777,
    processes: 1,
  });
  t.ok(Math.abs((minutes[0]?.latency.l1.p50_ms ?? 0) - 0.1) < 0.005);
  t.ok(Math.abs((minutes[0]?.latency.source.p99_ms ?? 0) - 100) < 5);
  t.equal(minutes[0]?.latency.l2.p95_ms, null);
  t.match(minutes[1], { start: '2026-06-15T12:01:00.000Z', requests: 2, bypasses: 1, errors: 1, hits: 0 });
  t.equal(minutes[1]?.latency.l1.p50_ms, null, 'only what this minute saw');
});

t.test('a range: the minutes that begin in it', async (t) => {
  const clock = new TurnedClock(NOON_MS);
  const { history, read } = newProcess({ clock });
  history.start();
  for (let i = 1; i <= 5; i++) {
    read('hit', i);
    clock.advance(MINUTE_MS);
  }
  const requests = async (fromMs: number, toMs: number) =>
    (await history.minutes({ fromMs, toMs })).minutes.map((minute) => minute.requests);
  t.same(await requests(NOON_MS + MINUTE_MS, NOON_MS + 3 * MINUTE_MS), [2, 3]);
  t.same(await requests(NOON_MS + 1, NOON_MS + MINUTE_MS + 1), [2]);
  t.same(await requests(NOON_MS + 2 * MINUTE_MS, NOON_MS), []);
  t.same(await requests(Number.NaN, Number.NaN), []);
  t.same(await requests(0, NOON_MS), []);
});

t.test('eight days and more: the oldest minutes leave, the rest stays', async (t) => {
  const clock = new TurnedClock(NOON_MS);
  const { history, read } = newProcess({ clock });
  history.start();
  read('hit', 5);
  for (let i = 0; i < 11_530; i++) clock.advance(MINUTE_MS);
  const { minutes } = await history.minutes(ALL);
  t.ok(minutes.length <= 11_521);
  t.ok(minutes.length >= 11_519);
  t.equal(
    minutes.reduce((sum, minute) => sum + minute.requests, 0),
    0,
  );
});

t.test('a wall clock set back: no minute is written over, nothing is lost', async (t) => {
  const clock = new TurnedClock(NOON_MS);
  let backMs = 0;
  clock.nowMs = () => TurnedClock.prototype.nowMs.call(clock) - backMs;
  const { history, read } = newProcess({ clock });
  history.start();
  read('hit', 1);
  clock.advance(MINUTE_MS);
  read('hit', 2);
  backMs = 10 * MINUTE_MS;
  clock.advance(5 * MINUTE_MS);
  read('hit', 4);
  backMs = 0;
  clock.advance(MINUTE_MS);
  const { minutes } = await history.minutes(ALL);
  t.equal(
    minutes.reduce((sum, minute) => sum + minute.requests, 0),
    7,
  );
  t.equal(new Set(minutes.map(({ start }) => start)).size, minutes.length);
});

t.test(
  'two processes on one Redis: each minute is the sum, and a third that comes later sees it',
  async (t) => {
    const { redis } = await redisFor(t);
    const clock = new TurnedClock(NOON_MS);
    const [one, two] = [newProcess({ clock, redis }), newProcess({ clock, redis })];
    one.history.start();
    two.history.start();
    one.read('hit', 3);
    two.read('hit', 4);
    clock.advance(MINUTE_MS);
    one.read('miss', 10);
    const third = newProcess({ clock, redis });
    while ((await redis.hlen(`dc:{h}:${NOON_MS / 3_600_000}`)) < 2) await sleep(5);
    t.same(await third.requests(), ['cluster', 7, 0]);
    t.same(await one.requests(), ['cluster', 7, 10], 'its own running minute is in');
    const [minute] = (await third.history.minutes(ALL)).minutes;
    t.match(minute, { processes: 2, l1_bytes: 20, redis_bytes: 777 });
    t.ok((minute?.latency.l1.p50_ms ?? 0) > 0.09);
    await one.history.close();
    await one.history.close();
    t.same(await third.requests(), ['cluster', 7, 10], 'the end of a process writes its running minute');
    t.equal(clock.pendingTimers, 1, 'of the process that goes on');
    const leftMs = await redis.pttl(`dc:{h}:${NOON_MS / 3_600_000}`);
    t.ok(leftMs > 8 * 86_400_000 && leftMs <= 8 * 86_400_000 + 3_600_000);
    t.ok(((await third.redisHistory?.usageBytes()) ?? 0) > 100);
    await two.history.close();
  },
);

t.test('Redis frozen, then empty: local minutes, and everything is written again', async (t) => {
  const { server, redis, ready } = await redisFor(t);
  const clock = new TurnedClock(NOON_MS);
  const one = newProcess({ clock, redis });
  const later = newProcess({ clock, redis });
  const saved = async (count: number) => {
    while ((await redis.hlen(`dc:{h}:${NOON_MS / 3_600_000}`)) < count) await sleep(5);
  };
  one.history.start();
  one.read('hit', 1);
  clock.advance(MINUTE_MS);
  await saved(1);
  server.freeze();
  one.read('hit', 2);
  clock.advance(MINUTE_MS);
  const startMs = performance.now();
  t.same(await one.requests(), ['process', 1, 2, 0]);
  t.ok(performance.now() - startMs < 2500);
  server.thaw();
  await server.restart();
  await ready();
  one.read('hit', 4);
  clock.advance(MINUTE_MS);
  await saved(3);
  t.same(await later.requests(), ['cluster', 1, 2, 4]);
  await one.history.close();
});

t.test('records of another format in Redis: ignored', async (t) => {
  const { redis } = await redisFor(t);
  const clock = new TurnedClock(NOON_MS);
  const minute = NOON_MS / MINUTE_MS;
  await redis.hset(`dc:{h}:${NOON_MS / 3_600_000}`, {
    [`${minute}:a`]: 'not json',
    [`${minute}:b`]: '[[1,2],"0","0","0",1,1]',
    [`${minute}:c`]: '[[1,1,0,0,0,0,0],"0","broken histogram","0",5,null]',
    'x:d': '[]',
  });
  const { history } = newProcess({ clock, redis });
  const { minutes } = await history.minutes(ALL);
  t.equal(minutes.length, 1);
  t.match(minutes[0], { requests: 1, hits: 1, l1_bytes: 15, redis_bytes: 777, processes: 2 });
});
