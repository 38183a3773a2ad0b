import { Redis } from 'ioredis';
import t from 'tap';
import type { Entries } from '../../services/explain/entries-schema.js';
import { startRedis } from '../helpers/redis-server.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { until } from './support/until.js';
import { readVersion, VersionedReports } from './support/versioned-reports.js';

const A = 1;
const B = 2;
/** Where Redis did not answer in time, on a busy machine, nothing was said of its frames: there is another round. */
const ROUNDS_MAX_COUNT = 5;

t.test(
  'the entries of two tenants, swapped in Redis by hand: two misses, and each reads its own',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const admin = new Redis(redis.adminUrl);
    t.teardown(() => admin.disconnect());
    const reports = await VersionedReports.start(t, { tenantsCount: 2 });
    const start = () => reports.service(t, { REDIS_URL: redis.url });
    const filling = await start();
    for (const tenant of [A, B]) await readVersion(filling, tenant);
    const [ofA, ofB] = [await nameOf(filling, A), await nameOf(filling, B)];
    t.not(ofA, ofB);
    const [frameOfA, frameOfB] = [await storedAt(admin, ofA), await storedAt(admin, ofB)];

    // What is loaded from now on tells itself from what was stored.
    reports.version = 2;
    for (let round = 1; ; round++) {
      // It runs before they are swapped, and has nothing of them in its memory.
      const reading = await start();
      await admin.set(ofA, frameOfB);
      await admin.set(ofB, frameOfA);
      for (const tenant of [A, B]) {
        const { answer, version } = await readVersion(reading, tenant);
        t.equal(version, 2, `tenant ${tenant} is given what was loaded for it`);
        t.match(answer.cacheStatus, /fwd=uri-miss/);
      }
      const { process } = await statisticsOf({ get: (path) => ask(reading.url + path) });
      t.match(process, { total_requests: 2, hits: 0, misses: 2, errors: 0 });
      const { look_failures, l2_failures, l2_skips } = process.events;
      if (round < ROUNDS_MAX_COUNT && (look_failures || l2_failures || l2_skips)) continue;
      t.match(process.frames_rejected, { key: 2, tenant: 0 }, 'each is counted once');
      break;
    }

    await t.test('control: put back, the same bytes are hits', async (t) => {
      await admin.set(ofA, frameOfA);
      await admin.set(ofB, frameOfB);
      const fresh = await start();
      for (const tenant of [A, B]) {
        const { answer, version } = await readVersion(fresh, tenant);
        t.equal(version, 1);
        t.match(answer.cacheStatus, /hit.*detail=l2/);
      }
    });
  },
);

/** The name in Redis of what is stored for that tenant. */
async function nameOf(service: Service, tenant: number): Promise<string> {
  const url = encodeURIComponent(`/dashboards/reports/metrics?tenant=${tenant}`);
  const { entries } = (await ask(`${service.url}/cache/entries?url=${url}`)).json<Entries>();
  return entries[0]?.key.redis_key ?? '';
}

async function storedAt(admin: Redis, name: string): Promise<Buffer> {
  await until(async () => (await admin.exists(name)) === 1);
  const frame = await admin.getBuffer(name);
  if (frame === null) throw new Error(`There is nothing at ${name}`);
  return frame;
}
