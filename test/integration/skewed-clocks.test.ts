import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Entries } from '../../services/explain/entries-schema.js';
import { checkHistory } from '../helpers/check-history.js';
import { fakeTime } from '../helpers/fake-time.js';
import { HistoryRecorder, type ReadOperation } from '../helpers/history.js';
import { startRedis } from '../helpers/redis-server.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from './support/ask.js';
import { statisticsOf } from './support/counters.js';
import { tell } from './support/two-processes.js';
import { until } from './support/until.js';
import { readVersion, VersionedReports } from './support/versioned-reports.js';

interface Acknowledgement {
  readonly processes: number;
  readonly confirmed: number;
}

const SKEW_SECONDS = 60;
const TTL_SECONDS = 3600;
/** Some are fresh for up to a twentieth less, so that they do not end together. */
const LEAST_TTL_SECONDS = 0.95 * TTL_SECONDS;
/** How far two clocks are apart at most. */
const APART_SECONDS = 2 * SKEW_SECONDS;
/** What a busy machine takes between two steps. */
const SLACK_SECONDS = 30;
const TENANTS = [1, 2, 3, 4, 5, 6];
const CHANGES_COUNT = 30;

t.test('three processes with clocks a minute behind, right, and a minute ahead', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const reports = await VersionedReports.start(t, { tenantsCount: TENANTS.length + 1 });
  const start = (offsetSeconds: number) =>
    reports.service(t, { REDIS_URL: redis.url, ...(offsetSeconds !== 0 && fakeTime(offsetSeconds)) });
  const services = await Promise.all([start(-SKEW_SECONDS), start(0), start(SKEW_SECONDS)]);
  const [behind, right, ahead] = services;
  const everywhere = <T>(work: (service: Service, tenant: number) => Promise<T>) =>
    Promise.all(services.flatMap((service) => TENANTS.map((tenant) => work(service, tenant))));
  /** What is given to readers; a process that Redis does not answer in time says so, and is not counted. */
  const versions = async () => {
    const reads = await everywhere((...at) => readVersion(...at));
    return [...new Set(reads.filter(({ isUnproven }) => !isUnproven).map(({ version }) => version))];
  };

  await t.test('their clocks are what they should be', async (t) => {
    const [behindMs, rightMs, aheadMs] = await Promise.all(services.map(nowMsOf));
    const isNear = (a = 0, b = 0) => Math.abs(a - b) < SLACK_SECONDS * 1000;
    t.ok(isNear(behindMs, Date.now() - SKEW_SECONDS * 1000));
    t.ok(isNear(rightMs, Date.now()));
    t.ok(isNear(aheadMs, Date.now() + SKEW_SECONDS * 1000));
  });

  await t.test(
    'what one loads is fresh for all, with an age and a ttl that are off by no more than the clocks',
    async (t) => {
      for (const [index, tenant] of TENANTS.entries())
        await readVersion(services[index % 3] ?? right, tenant);
      const first = await everywhere((...at) => readVersion(...at));
      const queriesCount = reports.upstream.asked.length;
      for (const { answer } of await everywhere((...at) => readVersion(...at))) {
        const [, ttl = Number.NaN] = /^dashcache; hit; ttl=(\d+); detail=l1$/.exec(answer.cacheStatus) ?? [];
        const isLongEnough = Number(ttl) >= LEAST_TTL_SECONDS - APART_SECONDS - SLACK_SECONDS;
        t.ok(isLongEnough && Number(ttl) <= TTL_SECONDS + APART_SECONDS, answer.cacheStatus);
        const age = Number(answer.headers.age);
        t.ok(Number.isInteger(age) && age >= 0 && age <= APART_SECONDS + SLACK_SECONDS, `Age: ${age}`);
      }
      // A process that Redis did not answer in time, on a busy machine, loads for itself.
      const failures = await Promise.all(services.map(failuresOf));
      if (Math.max(...failures) > 0) return t.comment(`Redis was late: ${failures.join(' ')}`);
      t.equal(queriesCount, TENANTS.length, 'one query for each');
      t.ok(first.every(({ answer }) => answer.cacheStatus.includes('hit;')));
    },
  );

  await t.test(
    'a purge by any of them holds in all, also for what by its instants is newer than the purge',
    async (t) => {
      const confirmedCounts: number[] = [];
      for (const service of services) {
        const version = ++reports.version;
        await everywhere((...at) => readVersion(...at));
        const newest = Math.max(...(await Promise.all(TENANTS.map((tenant) => storedAtMs(right, tenant)))));
        const purge = await tell(service, '/cache/invalidations', { body: { tags: ['nightly'] } });
        const { processes, confirmed } = purge.json<Acknowledgement>();
        t.equal(processes, 3);
        confirmedCounts.push(confirmed);
        if (service !== ahead)
          t.ok(newest > Date.parse(String(purge.headers.date)), 'who compared instants would keep an entry');
        t.same(await versions(), [version]);
        // The next is loaded by who is ahead.
        reports.version++;
        await tell(ahead, '/cache/invalidations', { body: { all: true } });
        for (const tenant of TENANTS) await readVersion(ahead, tenant);
      }
      // One that is late on a busy machine has lost its trust instead.
      t.ok(confirmedCounts.includes(3), `applied by all: ${confirmedCounts.join(' ')} of 3`);
    },
  );

  await t.test('an expire by any of them is in force in all, and the old does not come back', async (t) => {
    for (const service of services) {
      const version = ++reports.version;
      const body = { all: true, mode: 'expire' };
      t.equal((await tell(service, '/cache/invalidations', { body })).status, 200);
      t.ok(await until(async () => String(await versions()) === String(version)), 'everybody has the new');
      t.same(await versions(), [version]);
    }
  });

  await t.test(
    'purges by all of them while all are read: no read is older than an acknowledged purge',
    async (t) => {
      const recorder = new HistoryRecorder('the test');
      const tenant = TENANTS.length + 1;
      let isOver = false;
      const readers = services.map(async (service) => {
        while (!isOver) await recorder.read('key', () => readVersion(service, tenant));
      });
      for (let change = 0; change < CHANGES_COUNT; change++) {
        const version = reports.version + 1;
        await recorder.write('key', version, async () => {
          reports.version = version;
        });
        const purger = services[change % 3] ?? right;
        const body = { all: true, tenant: String(tenant) };
        await recorder.invalidate('purge', ['key'], () => tell(purger, '/cache/invalidations', { body }));
        await sleep(20);
      }
      isOver = true;
      await Promise.all(readers);
      const { operations } = recorder;
      const faults = (of: typeof operations) => checkHistory(of).filter(({ rule }) => rule === 'invalidated');
      t.same(faults(operations), []);
      const last = operations.findLast(({ kind }) => kind === 'purge')?.endedMs ?? 0;
      const old: ReadOperation = {
        kind: 'read',
        process: 'a control',
        key: 'key',
        version: reports.version - 1,
        isStale: false,
        isUnproven: false,
        beganMs: last + 1,
        endedMs: last + 2,
      };
      t.equal(faults([...operations, old]).length, 1, 'one that were would be found');
      t.comment(`${operations.length - 2 * CHANGES_COUNT} reads`);
    },
  );

  await t.test(
    'what is fresh for less than the clocks are apart: each process loads it once at most',
    async (t) => {
      const before = reports.upstream.asked.length;
      for (let round = 0; round < 5; round++)
        for (const service of [right, ahead, behind]) {
          const { answer, version } = await readVersion(service, 1, 'summary');
          t.equal(version, reports.version);
          t.ok(Number(answer.headers.age ?? 0) >= 0);
        }
      const queriesCount = reports.upstream.asked.length - before;
      t.ok(queriesCount >= 2 && queriesCount <= 3, `${queriesCount} queries`);
    },
  );

  await t.test('statistics: each knows of all three', async (t) => {
    for (const service of services) await statisticsOf({ get: (path) => ask(service.url + path) });
    for (const service of services) {
      const { processes, reach } = await statisticsOf({ get: (path) => ask(service.url + path) });
      t.equal(reach, 'cluster');
      t.same(processes.map(({ pid }) => pid).sort(), services.map(({ pid }) => pid).sort());
    }
  });
});

async function failuresOf({ url }: Service): Promise<number> {
  const { events } = (await statisticsOf({ get: (path) => ask(url + path) })).process;
  return ['look_failures', 'l2_failures', 'l2_skips'].reduce((sum, name) => sum + (events[name] ?? 0), 0);
}

async function nowMsOf({ url }: Service): Promise<number> {
  return Date.parse(String((await ask(`${url}/health/live`)).headers.date));
}

async function storedAtMs({ url }: Service, tenant: number): Promise<number> {
  const of = encodeURIComponent(`/dashboards/reports/metrics?tenant=${tenant}`);
  const { entries } = (await ask(`${url}/cache/entries?url=${of}`)).json<Entries>();
  return Date.parse(entries[0]?.l2?.stored_at ?? '');
}
