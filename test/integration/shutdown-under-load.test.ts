import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { askRedis } from '../helpers/ask-redis.js';
import { Barrier } from '../helpers/barrier.js';
import { held, json, type UpstreamReply } from '../helpers/scripted-upstream.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { leasesIn } from './support/leases.js';
import { type Fate, PersistentReaders } from './support/persistent-readers.js';
import { pathOfKey, type Replicas, replicas } from './support/replicas.js';
import { until } from './support/until.js';

const CONNECTIONS_COUNT = 50;
const QUERY_MS = 300;
const COLD_KEYS_COUNT = 3000;
const EXIT_WITHIN_MS = 10_000;

const slow: UpstreamReply = async (...args) => {
  await sleep(QUERY_MS);
  return json({ call: 1 })(...args);
};

async function membersCount({ redis }: Replicas): Promise<number> {
  // One field tells the root.
  return Number(await askRedis(redis.port, 'HLEN', 'dc:{g}:members')) - 1;
}

/** Every second reader asks for what is in memory, the others for one key after the other that nobody has. */
async function underLoad(t: Test, all: Replicas, service: Service): Promise<PersistentReaders> {
  const cold = Array.from({ length: COLD_KEYS_COUNT }, (_, index) => `cold-${index}`);
  for (const key of ['warm', ...cold]) all.upstream.on(`/${key}`, slow);
  await ask(service.url + pathOfKey('warm'));
  const nextPath = (reader: number) => pathOfKey(reader % 2 === 0 ? 'warm' : (cold.pop() ?? 'warm'));
  const readers = new PersistentReaders(t, {
    url: service.url,
    connectionsCount: CONNECTIONS_COUNT,
    nextPath,
  });
  const isBusy = async () => readers.areAllAnswered && (await leasesIn(all.redis)).size > 5;
  if (!(await until(isBusy, { everyMs: 10 }))) throw new Error('No load came about');
  return readers;
}

t.test('SIGTERM under load: no request is lost, and nothing is left behind', async (t) => {
  const all = await replicas(t);
  const service = await all.start();
  const { requests, done } = await underLoad(t, all, service);
  const signalledAtMs = performance.now();
  service.signal('SIGTERM');
  const [exit] = await Promise.all([service.ended, done]);
  const tookMs = Math.round(performance.now() - signalledAtMs);
  t.equal(exit, 0);
  t.ok(tookMs < EXIT_WITHIN_MS, `ended after ${tookMs} ms`);

  const countOf = (fate: Fate) => requests.filter((one) => one.fate === fate).length;
  const underWay = requests.filter(
    ({ sentAtMs, endedAtMs }) => sentAtMs < signalledAtMs && endedAtMs > signalledAtMs,
  );
  t.comment(`${requests.length} requests, ${underWay.length} under way at SIGTERM`);
  t.ok(underWay.length > CONNECTIONS_COUNT / 4, 'it was under load');
  t.ok(
    requests.every(({ fate, status }) => fate !== 'answered' || status === 200),
    'every answer is a good one',
  );
  t.equal(countOf('truncated'), 0, 'and whole');
  t.equal(countOf('closed'), 0, 'whatever was sent on an open connection is answered');
  t.equal(countOf('refused'), CONNECTIONS_COUNT, 'until its client was told to ask elsewhere');
  t.same([...(await leasesIn(all.redis)).keys()], []);
  t.equal(await membersCount(all), 0);
});

t.test(
  'the negative control: SIGKILL under load loses requests, and leaves leases and a member',
  async (t) => {
    const all = await replicas(t);
    const service = await all.start();
    const { requests, done } = await underLoad(t, all, service);
    service.signal('SIGKILL');
    t.equal(await service.ended, 'SIGKILL');
    t.not((await leasesIn(all.redis)).size, 0);
    t.equal(await membersCount(all), 1);
    await done;
    t.ok(requests.some(({ fate }) => fate === 'closed' || fate === 'truncated'));
  },
);

/**
 * A process ends so while it loads what nobody of its own waits for any more, and a reader of another process does. Whether its lease
 * is left behind, and how long that reader waited.
 */
async function takeOver(
  t: Test,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<{ isLeft: boolean; tookMs: number }> {
  const all = await replicas(t);
  const [holder, other] = await Promise.all([all.start(), all.start()]);
  const barrier = new Barrier();
  t.teardown(() => barrier.open());
  all.upstream.on('/long', held(barrier, json({ call: 1 })), json({ call: 2 }));
  const gone = new AbortController();
  const left = fetch(holder.url + pathOfKey('long'), { signal: gone.signal }).catch(() => {});
  await barrier.arrived(1);
  const [lease] = await leasesIn(all.redis);
  const waiting = ask(other.url + pathOfKey('long'));
  const events = async () =>
    (await statisticsOf({ get: (path) => ask(other.url + path) })).process.events['lease_waits'];
  if (!lease || !(await until(async () => (await events()) === 1)))
    throw new Error('Nobody waits for a lease');
  gone.abort();
  await left;
  const signalledAtMs = performance.now();
  holder.signal(signal);
  t.equal(await holder.ended, signal === 'SIGTERM' ? 0 : signal);
  const [name, value] = lease;
  const isLeft = (await leasesIn(all.redis)).get(name) === value;
  t.match((await waiting).json(), { data: { call: 2 } });
  return { isLeft, tookMs: Math.round(performance.now() - signalledAtMs) };
}

t.test('SIGTERM during a load: another process gets the lease, and needs not wait for its end', async (t) => {
  const [terminated, killed] = [await takeOver(t, 'SIGTERM'), await takeOver(t, 'SIGKILL')];
  t.comment(`loaded elsewhere ${terminated.tookMs} ms after SIGTERM, ${killed.tookMs} ms after SIGKILL`);
  t.notOk(terminated.isLeft);
  t.ok(killed.isLeft, 'the negative control');
});
