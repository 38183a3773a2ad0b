import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Service } from '../../helpers/start-service.js';
import { ask } from './ask.js';
import { statisticsOf } from './counters.js';
import { tell } from './two-processes.js';
import { until } from './until.js';
import { readVersion, type VersionedReports } from './versioned-reports.js';

/** Nobody reads these between the purge and the loss: what was purged still lies in Redis and in memory. */
const QUIET = [1, 2, 3] as const;
/** Read all the while. */
const LIVE = [4, 5, 6] as const;
export const TENANTS_COUNT = QUIET.length + LIVE.length;
const READER_PAUSE_MS = 5;

/** Who reads: the process that purges; one that is suspended before and wakes after the loss; one that starts after it. */
export type Role = 'purger' | 'sleeper' | 'newcomer';

export interface Loss {
  /** Done while the old data are good, in memory and in Redis. */
  readonly prepare?: () => Promise<unknown>;
  /** Done when the purge has been acknowledged. */
  readonly lose: () => Promise<unknown>;
}

interface Asked {
  readonly url: string;
}

interface Read {
  readonly by: Role;
  readonly beganMs: number;
  readonly isOld: boolean;
  readonly isUnproven: boolean;
}

/** What was read after the purge had been acknowledged. */
export class Aftermath {
  readonly faults: string[] = [];
  readonly #reads: Read[] = [];
  purgedAtMs = Number.POSITIVE_INFINITY;

  /** One read of each of these tenants, at once. */
  async read(by: Role, service: Asked, tenants: readonly number[], newVersion: number): Promise<void> {
    const beganMs = performance.now();
    const read = async (tenant: number) => {
      const { version, isUnproven } = await readVersion(service, tenant);
      this.#reads.push({ by, beganMs, isOld: version < newVersion, isUnproven });
    };
    for (const one of await Promise.allSettled(tenants.map(read)))
      if (one.status === 'rejected') this.faults.push(`${by}: ${String(one.reason)}`);
  }

  countOf(by: Role): number {
    return this.#after(by).length;
  }

  /**
   * Reads that were given what had been purged before they began. Who slept has not heard of the purge, and may say so until Redis
   * has answered it (docs/guarantees.md, "What is not guaranteed"): what it marks as unproven is not counted here.
   */
  resurrectedBy(by: Role): number {
    const isExcused = (read: Read) => by === 'sleeper' && read.isUnproven;
    return this.#after(by).filter((read) => read.isOld && !isExcused(read)).length;
  }

  /** Reads of who slept that were given what had been purged, and said that nobody vouches for it. */
  get excusedCount(): number {
    return this.#after('sleeper').filter((read) => read.isOld && read.isUnproven).length;
  }

  #after(by: Role): Read[] {
    return this.#reads.filter((read) => read.by === by && read.beganMs >= this.purgedAtMs);
  }
}

/** Two processes that share a Redis, and how to start a third: one that begins with nothing may share the process of the test. */
export interface LossWorld {
  readonly reports: VersionedReports;
  readonly purger: Service;
  readonly sleeper: Service;
  readonly newcomer: () => Promise<Asked & { stop(): Promise<unknown> }>;
}

/** Old data are read everywhere, change and are purged, Redis loses something, and three processes go on reading. */
export async function aftermathOf(t: Test, world: LossWorld, loss: Loss): Promise<Aftermath> {
  const { reports, purger, sleeper } = world;
  const aftermath = new Aftermath();
  for (const service of [purger, sleeper])
    t.ok(await until(() => isWarm(service, reports.version)), 'the old data are in memory');
  await loss.prepare?.();
  sleeper.signal('SIGSTOP');
  const version = ++reports.version;
  const whilePurged = reader(() => aftermath.read('purger', purger, LIVE, version));
  const purge = await tell(purger, '/cache/invalidations', { body: { tags: ['nightly'] } });
  t.match(purge.json(), { processes: 2, confirmed: 1 }, 'acknowledged, without the one that sleeps');
  aftermath.purgedAtMs = performance.now();
  await loss.lose();
  sleeper.signal('SIGCONT');
  const whileAwake = reader(() => aftermath.read('sleeper', sleeper, LIVE, version));
  const starting = world.newcomer();
  const readQuiet = () =>
    Promise.all([
      aftermath.read('purger', purger, QUIET, version),
      aftermath.read('sleeper', sleeper, QUIET, version),
    ]);
  await readQuiet();
  const newcomer = await starting;
  await aftermath.read('newcomer', newcomer, [...QUIET, ...LIVE], version);
  for (const service of [purger, sleeper, newcomer])
    t.ok(await until(() => isProven(service)), 'Redis vouches for what is served again');
  await readQuiet();
  await aftermath.read('newcomer', newcomer, QUIET, version);
  await Promise.all([whilePurged.stop(), whileAwake.stop()]);
  await newcomer.stop();
  return aftermath;
}

/** Whether the process found after the change that its place in the log is gone, and so knows what Redis says now. */
export async function hasLookedAgain({ url }: Asked, change: () => Promise<unknown>): Promise<boolean> {
  const gapsCount = async () =>
    (await statisticsOf({ get: (path) => ask(url + path) })).process.events['gaps'];
  const before = await gapsCount();
  await change();
  return until(async () => (await gapsCount()) !== before);
}

async function isWarm(service: Asked, version: number): Promise<boolean> {
  const reads = await Promise.all([...QUIET, ...LIVE].map((tenant) => readVersion(service, tenant)));
  return reads.every((read) => read.version === version && read.answer.cacheStatus.endsWith('detail=l1'));
}

async function isProven(service: Asked): Promise<boolean> {
  const reads = await Promise.all(QUIET.map((tenant) => readVersion(service, tenant)));
  return reads.every(({ answer }) => answer.cacheStatus.endsWith('detail=l1'));
}

/** Reads again and again until it is stopped. */
function reader(read: () => Promise<void>): { stop(): Promise<void> } {
  let isOver = false;
  const reading = (async () => {
    while (!isOver) {
      await read();
      await sleep(READER_PAUSE_MS);
    }
  })();
  return {
    stop() {
      isOver = true;
      return reading;
    },
  };
}

const ROLES: readonly Role[] = ['purger', 'sleeper', 'newcomer'];

/** Nobody was given what had been purged, and everybody was answered. */
export function nothingResurrected(t: Test, aftermath: Aftermath): void {
  for (const role of ROLES) {
    t.equal(aftermath.resurrectedBy(role), 0, `${role}: nothing old in ${aftermath.countOf(role)} reads`);
    t.ok(aftermath.countOf(role) > 0);
  }
  t.same(aftermath.faults, []);
  t.comment(`${aftermath.excusedCount} reads of the sleeper were old and marked unproven`);
}

/** The control: where nothing shows the loss, every process is given what had been purged. */
export function allResurrected(t: Test, aftermath: Aftermath): void {
  for (const role of ROLES) t.ok(aftermath.resurrectedBy(role) > 0, `${role}: the old is seen`);
}
