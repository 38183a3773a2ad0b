import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import t from 'tap';
import { startRedis } from '../helpers/redis-server.js';
import {
  aftermathOf,
  allResurrected,
  hasLookedAgain,
  nothingResurrected,
  TENANTS_COUNT,
} from './support/lost-purge.js';
import { VersionedReports } from './support/versioned-reports.js';

const LOG = 'dc:{g}:log';

const redis = await startRedis();
t.teardown(() => redis.stop());
const admin = new Redis(redis.adminUrl);
t.teardown(() => admin.disconnect());
const reports = await VersionedReports.start(t, { tenantsCount: TENANTS_COUNT });
const environment = { REDIS_URL: redis.url };
const [purger, sleeper] = await Promise.all([
  reports.service(t, environment),
  reports.service(t, environment),
]);
const world = { reports, purger, sleeper, newcomer: () => reports.app(t, environment) };

const generations = () => admin.keys('dc:{g}:t:*');

const LOSSES: readonly (readonly [what: string, lose: () => Promise<unknown>])[] = [
  ['the generation of the purged tag is deleted', async () => admin.del('dc:{g}:t:nightly')],
  ['every generation is deleted', async () => admin.del(await generations())],
  ['one generation after the other is deleted', deleteOneByOne],
  ['the log is deleted', () => admin.del(LOG)],
  ['the root is deleted', () => admin.del('dc:{g}:root')],
  ['the list of members is deleted', () => admin.del('dc:{g}:members')],
  ['somebody else sends FLUSHDB', () => admin.flushdb()],
];

/** Each is missing for a moment that readers find it in. */
async function deleteOneByOne(): Promise<void> {
  for (const key of await generations()) {
    await admin.del(key);
    await sleep(30);
  }
}

for (const [what, lose] of LOSSES)
  t.test(`given a purge, and that afterwards ${what}: nothing is resurrected`, async (t) => {
    nothingResurrected(t, await aftermathOf(t, world, { lose }));
  });

t.test('given a purge taken out of Redis without a trace: every process serves the old data', async (t) => {
  const before = new Map<string, string>();
  let position = '';
  const prepare = async () => {
    for (const key of await generations()) before.set(key, (await admin.get(key)) ?? '');
    position = (await admin.xrevrange(LOG, '+', '-', 'COUNT', 1))[0]?.[0] ?? '';
  };
  const lose = async () => {
    const purges = await admin.xrange(LOG, `(${position}`, '+');
    const all = admin.multi().xdel(LOG, ...purges.map(([id]) => id));
    for (const [key, generation] of before) all.set(key, generation);
    t.ok(await hasLookedAgain(purger, () => all.exec()));
  };
  allResurrected(t, await aftermathOf(t, world, { prepare, lose }));
});
