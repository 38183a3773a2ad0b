import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { Entries } from '../../services/explain/entries-schema.js';
import { FRAME_FAULTS } from '../../services/statistics/counters.js';
import { startRedis } from '../helpers/redis-server.js';
import { replayOf, SeededRandom, testSeed } from '../helpers/seeded-random.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { DAMAGES } from './support/damaged-frames.js';
import { tell } from './support/two-processes.js';
import { readVersion, VersionedReports } from './support/versioned-reports.js';

const DAMAGED_COUNT = 500;
const GOOD_COUNT = 50;
const READERS_COUNT = 4;
/** Where Redis did not answer in time, on a busy machine, nothing was said of its frames: there is another round. */
const ROUNDS_MAX_COUNT = 5;

const DAMAGED = Array.from({ length: DAMAGED_COUNT }, (_, index) => index + 1);
const TENANTS = Array.from({ length: DAMAGED_COUNT + GOOD_COUNT }, (_, index) => index + 1);

interface Stored {
  readonly name: string;
  readonly frame: Buffer;
}

t.test('500 damaged entries in Redis: every one is a miss and counted, and no reader notices', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const admin = new Redis(redis.adminUrl);
  t.teardown(() => admin.disconnect());
  const reports = await VersionedReports.start(t, { tenantsCount: TENANTS.length });
  const start = () => reports.service(t, { REDIS_URL: redis.url });
  const filling = await start();
  const good = await filled(filling, admin);
  await filling.stop();
  const { damaged, expected } = damagedOf(t, good);
  // What is taken from a frame is told from what is loaded.
  reports.version = 2;
  for (let round = 1; ; round++) {
    for (const [tenant, { name, frame }] of good) await admin.set(name, damaged.get(tenant) ?? frame);
    const fresh = await start();
    const statuses = await statusesOf(t, fresh);
    const { process } = await statisticsOf({ get: (path) => ask(fresh.url + path) });
    await fresh.stop();
    t.match(process, { total_requests: TENANTS.length, errors: 0 });
    const { look_failures, l2_failures, l2_skips, l2_writes } = process.events;
    if (round < ROUNDS_MAX_COUNT && (look_failures || l2_failures || l2_skips)) {
      t.comment(`without Redis for a while: ${JSON.stringify(process.events)}`);
      continue;
    }
    t.same(statuses, { 'fwd=uri-miss; stored; ttl=': DAMAGED_COUNT, 'hit; ttl=; detail=l2': GOOD_COUNT });
    t.same(process.frames_rejected, expected, 'each is counted once, by what is wrong with it');
    t.equal(l2_writes, DAMAGED_COUNT, 'what was loaded takes its place');
    return;
  }
});

/** The entry of every tenant, written by that process. */
async function filled(service: Service, admin: Redis): Promise<Map<number, Stored>> {
  const stored = new Map<number, Stored>();
  await together(TENANTS, async (tenant) => {
    const url = encodeURIComponent(`/dashboards/reports/metrics?tenant=${tenant}`);
    const { entries } = (await ask(`${service.url}/cache/entries?url=${url}`)).json<Entries>();
    const name = entries[0]?.key.redis_key ?? '';
    for (let round = 1; round <= ROUNDS_MAX_COUNT; round++) {
      await readVersion(service, tenant);
      const frame = await admin.getBuffer(name);
      if (frame) stored.set(tenant, { name, frame });
      if (frame) return;
      await tell(service, '/cache/invalidations', { body: { all: true, tenant: String(tenant) } });
    }
    throw new Error(`the entry of tenant ${tenant} did not come to Redis`);
  });
  return stored;
}

/** What becomes of the frames, by tenant, and how many of them have which fault. */
function damagedOf(t: Test, good: ReadonlyMap<number, Stored>) {
  const seed = testSeed();
  const random = new SeededRandom(seed);
  const damaged = new Map<number, Buffer>();
  const expected = Object.fromEntries(FRAME_FAULTS.map((fault) => [fault, 0]));
  const kinds = Object.values(DAMAGES);
  for (const tenant of DAMAGED) {
    const own = good.get(tenant)?.frame;
    const other = good.get((tenant % DAMAGED_COUNT) + 1)?.frame;
    const kind = kinds[tenant % kinds.length];
    if (!own || !other || !kind) throw new Error(`There is no frame of tenant ${tenant}`);
    const { frame, fault } = kind({ own, other }, random);
    damaged.set(tenant, frame);
    expected[fault] = (expected[fault] ?? 0) + 1;
  }
  t.comment(`${replayOf(seed)}: ${JSON.stringify(expected)}`);
  return { damaged, expected };
}

/** Reads every tenant, who must be given what is true, and counts what was said of it. */
async function statusesOf(t: Test, service: Service): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  const wrong: string[] = [];
  await together(TENANTS, async (tenant) => {
    const { answer, version } = await readVersion(service, tenant);
    const status = answer.cacheStatus.replace('dashcache; ', '').replace(/ttl=\d+/, 'ttl=');
    statuses[status] = (statuses[status] ?? 0) + 1;
    const isLoaded = version === 2;
    if (isLoaded !== status.startsWith('fwd') || (tenant <= DAMAGED_COUNT && !isLoaded))
      wrong.push(`${tenant}: version ${version}, ${status}`);
  });
  t.same(wrong, [], 'nothing damaged is given to anybody');
  return statuses;
}

/** Does it for all items, some at a time. */
async function together<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: READERS_COUNT }, worker));
}
