import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import t, { type Test } from 'tap';
import type { Events } from '../../services/events/events-schema.js';
import { documentedUser } from '../helpers/documented-user.js';
import { startRedis } from '../helpers/redis-server.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from '../integration/support/ask.js';
import { builtService, type SourceEdit } from '../integration/support/built-service.js';
import { statisticsOf } from '../integration/support/counters.js';
import { read, tell } from '../integration/support/two-processes.js';
import { until } from '../integration/support/until.js';
import { VersionedReports } from '../integration/support/versioned-reports.js';

const PATH = '/dashboards/reports/metrics?tenant=1';
/** The next version stores entries in another form. */
const NEXT: SourceEdit = {
  path: 'services/cache/key.ts',
  from: 'FRAME_VERSION = 1;',
  to: 'FRAME_VERSION = 2;',
};
/** A next version whose author forgot that both use one Redis: another form under the same keys. */
const CARELESS: SourceEdit = {
  path: 'services/cache/codec.ts',
  from: "FRAME_VERSION, HASH_BYTES } from './key.js';",
  to: "HASH_BYTES } from './key.js';\nconst FRAME_VERSION = 2;",
};

/** The version before: it stores the same form, and knows nothing of calls. */
const BEFORE: SourceEdit = {
  path: 'services/cache/control-replies.ts',
  from: "{ callId: rest.join(':') }",
  to: '{}',
};

interface RollOut {
  readonly reports: VersionedReports;
  readonly entries: () => Promise<string[]>;
  start(edit?: SourceEdit, definitions?: string): Promise<Service>;
}

async function rollOut(t: Test): Promise<RollOut> {
  const redis = await startRedis({ user: documentedUser() });
  t.teardown(() => redis.stop());
  const admin = new Redis(redis.adminUrl);
  t.teardown(() => admin.disconnect());
  const reports = await VersionedReports.start(t, { tenantsCount: 1 });
  const start = async (edit?: SourceEdit, definitions = reports.folder) => {
    const environment = { DASHCACHE_CONFIG: definitions, REDIS_URL: redis.url };
    const service = await builtService({ environment, ...(edit ? { edit } : {}) });
    t.teardown(() => service.stop());
    return service;
  };
  return { reports, start, entries: async () => (await admin.keys('dc:*:v')).sort() };
}

/** Reads once, and what it loaded is in Redis. */
async function fill(t: Test, service: Service): Promise<void> {
  t.match((await read(service, PATH)).cacheStatus, 'fwd=uri-miss; stored');
  const isWritten = async () => (await eventsOf(service))['l2_writes'] === 1;
  t.ok(await until(isWritten), 'it is written');
}

async function eventsOf({ url }: Service) {
  return (await statisticsOf({ get: (path) => ask(url + path) })).process.events;
}

async function rejectedOf({ url }: Service): Promise<number> {
  const { process } = await statisticsOf({ get: (path) => ask(url + path) });
  return Object.values(process.frames_rejected).reduce((sum, count) => sum + count, 0);
}

t.test(
  'two versions on one Redis: neither reads or destroys an entry of the other, forth and back',
  async (t) => {
    const { reports, entries, start } = await rollOut(t);
    const old = await start();
    await fill(t, old);
    const [first] = await entries();

    const next = await start(NEXT);
    await fill(t, next);
    t.equal((await entries()).length, 2, 'each has an entry of its own');
    t.ok((await entries()).includes(String(first)), 'that of the old one is where it was');

    const secondOld = await start();
    t.match(
      (await read(secondOld, PATH)).cacheStatus,
      'hit',
      'an old replica that starts again finds what the old ones stored',
    );
    const secondNext = await start(NEXT);
    t.match((await read(secondNext, PATH)).cacheStatus, 'hit', 'and a new one what the new ones stored');

    const replicas = [old, next, secondOld, secondNext];
    reports.version = 2;
    const purged = await tell(next, '/cache/invalidations', { body: { all: true } });
    t.match(purged.json(), { processes: 4, confirmed: 4 }, 'a purge of one version is in force in both');
    for (const replica of replicas) t.match((await read(replica, PATH)).json(), { data: { version: 2 } });
    await ask(`${old.url}/cache/switch`, { method: 'PUT', body: { enabled: false } });
    for (const replica of replicas)
      t.match((await read(replica, PATH)).cacheStatus, 'fwd=bypass', 'so is the switch');
    await ask(`${next.url}/cache/switch`, { method: 'PUT', body: { enabled: true } });
    for (const replica of replicas) t.notMatch((await read(replica, PATH)).cacheStatus, 'fwd=bypass');

    for (const replica of replicas)
      t.equal(await rejectedOf(replica), 0, 'no frame of another version was met');
    for (const replica of [next, secondNext]) t.equal(await replica.stop(), 0);
    const rolledBack = await start();
    t.match((await read(rolledBack, PATH)).cacheStatus, 'hit', 'rolled back, the old version is warm');
  },
);

t.test('two versions of one form share their entries, and a call is in force in both', async (t) => {
  const { reports, entries, start } = await rollOut(t);
  const old = await start(BEFORE);
  await fill(t, old);
  const next = await start();
  t.match((await read(next, PATH)).cacheStatus, 'hit', 'the new one reads what the old one stored');
  reports.version = 2;
  for (const teller of [next, old]) {
    reports.version++;
    const purged = await tell(teller, '/cache/invalidations', { body: { all: true } });
    t.match(purged.json(), { processes: 2, confirmed: 2 });
    for (const replica of [old, next])
      t.match((await read(replica, PATH)).json(), { data: { version: reports.version } });
  }
  const told = (await ask(`${old.url}/cache/events?kind=invalidation`)).json<Events>().events;
  t.match(told, [{ cause: 'request' }, { cause: 'request' }], 'the old one understands why');
  t.equal((await entries()).length, 1);
  t.equal((await rejectedOf(old)) + (await rejectedOf(next)), 0);
});

t.test(
  'two versions of the definitions: what has changed is apart, what has not is shared, forth and back',
  async (t) => {
    const { reports, entries, start } = await rollOut(t);
    const changed = `${reports.folder}-changed`;
    cpSync(reports.folder, changed, { recursive: true });
    const file = join(changed, 'reports.yaml');
    const text = readFileSync(file, 'utf8').replace(
      'metrics: { path: "/:tenant"',
      'metrics: { path: "/:tenant?form=2"',
    );
    writeFileSync(file, text);
    const SUMMARY = PATH.replace('metrics', 'summary');
    const old = await start();
    await fill(t, old);
    await read(old, SUMMARY);
    const next = await start(undefined, changed);
    t.match((await read(next, PATH)).cacheStatus, 'fwd=uri-miss', 'its metrics are other ones');
    t.match((await read(next, SUMMARY)).cacheStatus, 'hit', 'its summary is the same');
    t.ok(await until(async () => (await entries()).length === 3));
    for (const replica of [old, next])
      t.match((await read(replica, PATH)).cacheStatus, 'hit', 'each has its own');
    t.equal(await next.stop(), 0);
    t.match((await read(await start(), PATH)).cacheStatus, 'hit', 'back, the old ones are warm');
  },
);

t.test(
  'control: another form under the same keys is a miss, and takes the place of what was there',
  async (t) => {
    const { entries, start } = await rollOut(t);
    await fill(t, await start());
    const next = await start(CARELESS);
    await fill(t, next);
    t.equal((await entries()).length, 1);
    t.equal(await rejectedOf(next), 1);
    const old = await start();
    t.match((await read(old, PATH)).cacheStatus, 'fwd=uri-miss', 'the old entry is gone');
  },
);
