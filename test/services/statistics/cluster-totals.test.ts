import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import { type Clock, systemClock } from '../../../services/clock.js';
import { ClusterTotals } from '../../../services/statistics/cluster-totals.js';
import { sumSnapshots } from '../../../services/statistics/process-snapshot.js';
import { Statistics } from '../../../services/statistics/statistics.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import type { RedisOptions } from '../../helpers/redis-server.js';
import { redisFor } from './support/redis-for.js';

const PANEL = { dashboardId: 'operations', panelId: 'metrics', title: 'Metrics' };

async function setUp(test: Test, options: RedisOptions = {}) {
  const { server, redis, ready } = await redisFor(test, options);
  const log = new RecordingLog();
  return {
    server,
    redis,
    ready,
    log,
    process: (clock: Clock = systemClock) => newProcess({ redis, clock, log }),
  };
}

function newProcess({ redis, clock, log }: { redis: Redis | null; clock: Clock; log: RecordingLog }) {
  const statistics = new Statistics({
    clock,
    log,
    logIntervalCount: 1000,
    slowOperationMs: 50,
    gauges: { l1Entries: () => 1, l1Bytes: () => 10, l1MaxBytes: 100 },
    panels: () => [PANEL],
  });
  const totals = new ClusterTotals({
    redis,
    prefix: 'dc:',
    clock,
    log,
    snapshot: () => statistics.snapshot(),
  });
  const hit = (count: number) => {
    for (let i = 0; i < count; i++)
      statistics.read('operations', 'metrics', { outcome: 'hit', layer: 'l1', latencyMs: 1 });
  };
  return { statistics, totals, hit };
}

const hits = async (totals: ClusterTotals) => {
  const { reach, processes } = await totals.totals();
  return [reach, sumSnapshots(processes.map(({ snapshot }) => snapshot)).counts.counters().hits];
};

t.test('two processes on one Redis: each sees the sum of both, asked any number of times', async (t) => {
  const { process } = await setUp(t);
  const [one, two] = [process(), process()];
  one.hit(3);
  two.hit(4);
  two.statistics.sourceQuery('main', 8, false);
  one.statistics.sourceQuery('main', 8, true);
  await one.totals.totals();
  t.same(await hits(two.totals), ['cluster', 7]);
  t.same(await hits(one.totals), ['cluster', 7]);
  t.same(await hits(one.totals), ['cluster', 7], 'asking adds nothing');
  one.hit(1);
  const { processes } = await one.totals.totals();
  t.equal(processes[0]?.snapshot.id, one.statistics.id, 'this process first');
  t.equal(processes[0]?.ageMs, 0);
  t.ok((processes[1]?.ageMs ?? -1) >= 0);
  const sum = sumSnapshots(processes.map(({ snapshot }) => snapshot));
  t.equal(sum.counts.counters().hits, 8);
  t.match(sum.sources, [{ name: 'main', queriesCount: 2, failuresCount: 1, perMinuteCount: 2 }]);
  t.equal(sum.latency.load.count, 2);
  t.equal(sum.latency.l1.count, 8);
});

t.test('a process that stops: leaves the totals; one that falls silent is dropped after 30 s', async (t) => {
  const { redis, process } = await setUp(t);
  const [one, two, three] = [process(), process(), process()];
  one.hit(1);
  two.hit(10);
  three.hit(100);
  await two.totals.totals();
  await three.totals.totals();
  t.same(await hits(one.totals), ['cluster', 111]);
  await two.totals.close();
  t.same(await hits(one.totals), ['cluster', 101]);
  // As if three had written 31 s ago.
  const field = (await redis.hget('dc:{s}:processes', three.statistics.id)) ?? '';
  const stamp = Number(field.slice(0, field.indexOf(':')));
  await redis.hset('dc:{s}:processes', three.statistics.id, field.replace(/^\d+/, String(stamp - 31_000)));
  t.same(await hits(one.totals), ['cluster', 1]);
  t.equal(await redis.hlen('dc:{s}:processes'), 1);
  t.ok((await redis.pttl('dc:{s}:processes')) > 0, 'nothing stays when all are gone');
});

t.test('figures of another format: ignored', async (t) => {
  const { redis, process } = await setUp(t);
  const one = process();
  one.hit(2);
  const now = Date.now();
  await redis.hset('dc:{s}:processes', {
    a: 'no stamp',
    b: `${now}:{"version":2}`,
    c: `${now}:not json`,
    d: `${now}:{"version":1,"id":"d","panels":[["a","b",[-1]]]}`,
  });
  t.same(await hits(one.totals), ['cluster', 2]);
  t.equal(await redis.hexists('dc:{s}:processes', 'a'), 0);
});

t.test(
  'started: writes every 5 s without being asked, drops the silent now and then, and ends with close',
  async (t) => {
    const { redis, process } = await setUp(t);
    const clock = new ManualClock();
    const one = process(clock);
    one.totals.start();
    await redis.hset('dc:{s}:processes', 'silent', '1:{}');
    for (let i = 1; i <= 6; i++) {
      const written = () => redis.hget('dc:{s}:processes', one.statistics.id);
      const before = await written();
      one.hit(1);
      clock.advance(5_000);
      while ((await written()) === before) await sleep(2);
      while (clock.pendingTimers !== 1) await sleep(2);
    }
    t.equal(await redis.hexists('dc:{s}:processes', 'silent'), 0);
    await one.totals.close();
    t.equal(clock.pendingTimers, 0);
    t.equal(await redis.hlen('dc:{s}:processes'), 0);
  },
);

t.test(
  'Redis frozen, killed, restarted empty: local figures in bounded time, one warning, and it heals',
  async (t) => {
    const { server, ready, log, process } = await setUp(t);
    const [one, two] = [process(), process()];
    one.hit(1);
    two.hit(2);
    await two.totals.totals();
    t.same(await hits(one.totals), ['cluster', 3]);
    server.freeze();
    const startMs = performance.now();
    t.same(await Promise.all([hits(one.totals), hits(one.totals)]), [
      ['process', 1],
      ['process', 1],
    ]);
    t.ok(performance.now() - startMs < 1000, `${performance.now() - startMs} ms`);
    server.thaw();
    await server.kill();
    t.same(await hits(one.totals), ['process', 1]);
    t.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
    await one.totals.close();
    await server.restart();
    await ready();
    await two.totals.totals();
    t.same(await hits(one.totals), ['cluster', 3]);
  },
);

t.test('without Redis: this process alone', async (t) => {
  const clock = new ManualClock();
  const { totals, hit } = newProcess({ redis: null, clock, log: new RecordingLog() });
  hit(2);
  totals.start();
  t.equal(clock.pendingTimers, 0);
  t.same(await hits(totals), ['process', 2]);
  await totals.close();
});

t.test('a user limited to the prefix: the totals work', async (t) => {
  const rules = ['~dc:*', '+@all', '-@admin', '-@dangerous', '+info'];
  const { process } = await setUp(t, { user: { name: 'dashcache', password: 'secret', rules } });
  const one = process();
  t.same(await hits(one.totals), ['cluster', 0]);
});
