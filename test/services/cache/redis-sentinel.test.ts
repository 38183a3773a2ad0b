import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { RedisTopology } from '../../../services/cache/redis-topology.js';
import { busProcess } from '../../helpers/bus-process.js';
import { until } from '../../helpers/cache-redis.js';
import { readPlain, writePlain } from '../../helpers/plain-store.js';
import { namedEntry, namedKey, redisParts } from '../../helpers/redis-parts.js';
import { startSentinel } from '../../helpers/redis-sentinel.js';
import { within } from '../../helpers/within.js';

async function sentinelRedis(t: Test) {
  const redis = await startSentinel({ needsReplica: true, replicasCount: 2 });
  t.teardown(() => redis.stop());
  const nobody = { username: null, password: null };
  const topology: RedisTopology = {
    kind: 'sentinel',
    // The first is nobody: the others are asked then.
    sentinels: [{ host: '127.0.0.1', port: 1 }, ...redis.sentinels],
    name: redis.name,
    database: 0,
    login: nobody,
    sentinelLogin: nobody,
    isTls: false,
  };
  return { redis, topology };
}

const PURGE = { tags: ['panel'], mode: 'purge', cause: 'request' } as const;

t.test('two processes: a purge is heard, acknowledged, and has reached a replica', async (t) => {
  const { topology } = await sentinelRedis(t);
  const one = await busProcess(t, topology);
  const other = await busProcess(t, topology);
  await until(() => other.opened.at(-1)?.status === 'ready', 'a subscription');
  await sleep(1050);
  const isTold = async () => {
    const startedMs = performance.now();
    const told = await one.generations.invalidate(PURGE, { wait: true });
    t.comment(`acknowledged in ${(performance.now() - startedMs).toFixed(0)} ms`);
    return told.reach === 'replicated' && told.processesCount === 2 && told.confirmedCount === 2;
  };
  await within(10_000, isTold, 'a purge that both processes and a replica have');
});

t.test('the master freezes: another leads, entries are written again, and the bus is heard', async (t) => {
  const { redis, topology } = await sentinelRedis(t);
  const one = await busProcess(t, topology);
  const other = await busProcess(t, topology);
  const { store } = await redisParts(t, topology);
  await until(() => other.opened.at(-1)?.status === 'ready', 'a subscription');
  const entry = await namedEntry('x');
  t.ok(await writePlain(store, entry));
  const before = await other.generations.prove(['all', 'panel']);
  const connectionsCount = other.opened.length;

  const former = await redis.freezeMaster();
  t.teardown(() => former.thaw());
  const frozenAtMs = performance.now();
  const msUntil = async (holds: () => Promise<boolean>, what: string) => {
    await within(15_000, holds, what);
    return Math.round(performance.now() - frozenAtMs);
  };
  const isReplaced = async () => (await redis.master()).port !== former.port;
  const [replacedMs, writtenMs, lookedMs] = await Promise.all([
    msUntil(isReplaced, 'another master'),
    msUntil(() => writePlain(store, entry), 'a write'),
    msUntil(() => one.generations.refresh(), 'a look'),
  ]);
  t.comment(`replaced after ${replacedMs} ms, written after ${writtenMs} ms, looked after ${lookedMs} ms`);
  // A second is the sentinels' own to notice; what is ours comes on top.
  t.ok(Math.max(writtenMs, lookedMs) - replacedMs < 2000, 'soon after it was replaced');
  t.ok(await readPlain(store, namedKey('x')));
  await within(5000, () => other.generations.refresh(), 'a look of the other');
  t.equal(
    other.generations.compare(before.stamp, ['all', 'panel']).is,
    'purged',
    'a new root: nothing from before',
  );
  await until(() => other.opened.length > connectionsCount && other.opened.at(-1)?.status === 'ready');
});

t.test('an ordered failover: nobody goes on with the former master', async (t) => {
  const { redis, topology } = await sentinelRedis(t);
  const one = await busProcess(t, topology);
  const master = await redis.failover();
  await within(10_000, () => one.generations.refresh(), 'a look at the new master');
  const purge = () => one.generations.invalidate(PURGE, { wait: false });
  await within(5000, async () => (await purge()).processesCount === 1, 'a purge there');
  t.equal((await redis.master()).port, master.port);
});
