import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import { askRedis } from '../helpers/ask-redis.js';
import { type FaultProxy, startFaultProxy } from '../helpers/fault-proxy.js';
import { HistoryRecorder, type InvalidationKind } from '../helpers/history.js';
import { type RedisServer, startRedis } from '../helpers/redis-server.js';
import { hang, json, reset, scriptedUpstream, type UpstreamReply } from '../helpers/scripted-upstream.js';
import { SeededRandom } from '../helpers/seeded-random.js';
import type { Service } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { type Answer, ask } from '../integration/support/ask.js';
import { builtService } from '../integration/support/built-service.js';
import { tell } from '../integration/support/two-processes.js';
import { HeapProbe } from './heap-probe.js';
import { LoadBound } from './load-bound.js';

const PROCESSES_COUNT = 3;
const READERS_PER_PROCESS_COUNT = 2;
/** Expired now and then, but never purged: there is always something to serve. */
const WARM_KEYS = [1, 2, 3] as const;
const HOT_KEYS = [4, 5, 6] as const;
const KEYS = [...WARM_KEYS, ...HOT_KEYS];
const READER_PAUSE_MS = 15;

/** Stale within half a second, so that everything is refreshed all the time. */
const REPORTS = `
id: reports
source: legacy
params:
  tenant: { type: integer, tenant: true }
metrics: { path: "/:tenant", ttl: 500ms, grace: 1h, stale_if_error: 24h, deadline: 1s }
`;

/** Of a process that has kept the key before. */
export interface Failure {
  readonly key: number;
  readonly status: number;
  readonly text: string;
  /** Of the run, in ms. */
  readonly atMs: number;
  /** What the process says of the entry a moment later. */
  readonly explained: string;
}

/** Real processes over one Redis, each through a line of its own, in front of one endpoint; readers, writers and invalidations. */
export class ChaosWorld {
  readonly recorder = new HistoryRecorder('the test');
  readonly failures: Failure[] = [];
  /** What processes that ended without being told to have said. */
  readonly crashes: string[] = [];
  answeredCount = 0;
  /** Loads that reached the source. */
  executionsCount = 0;
  readonly bound = new LoadBound({ keysCount: KEYS.length, processesCount: PROCESSES_COUNT });
  readonly #heaps: HeapProbe;
  readonly #kept = new WeakMap<Service, Set<number>>();
  readonly #versions = new Map<number, number>(KEYS.map((key) => [key, 0]));
  readonly #services: (Service | null)[] = [];
  #source: 'well' | 'slow' | 'reset' | 'hang' = 'well';
  #isOver = false;
  #beganMs = performance.now();

  private constructor(
    readonly redis: RedisServer,
    readonly lines: readonly FaultProxy[],
    readonly folder: string,
    readonly random: SeededRandom,
  ) {
    this.#heaps = new HeapProbe(dirname(folder));
  }

  static async start(t: Test, seed: number): Promise<ChaosWorld> {
    const upstream = await scriptedUpstream(t);
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const lines = await Promise.all(
      Array.from({ length: PROCESSES_COUNT }, () => startFaultProxy({ targetPort: redis.port })),
    );
    t.teardown(() => Promise.all(lines.map((line) => line.stop())));
    const folder = join(tempFolder(t), 'dashboards');
    mkdirSync(folder);
    const source = `{ type: http, url: "${upstream.url}", concurrency: 8 }`;
    writeFileSync(join(folder, 'dashcache.yaml'), `sources:\n  legacy: ${source}\n`);
    writeFileSync(join(folder, 'reports.yaml'), REPORTS);
    const world = new ChaosWorld(redis, lines, folder, new SeededRandom(seed));
    for (const key of KEYS) upstream.on(`/${key}`, world.#reply(key));
    await Promise.all(lines.map((_, index) => world.start(index)));
    t.teardown(() => Promise.all(world.#services.map((service) => service?.stop())));
    for (const service of world.alive) for (const key of KEYS) await ask(urlOf(service, key));
    return world;
  }

  get alive(): Service[] {
    return this.#services.filter((service) => service !== null);
  }

  async start(index: number): Promise<void> {
    const settings = { DASHCACHE_CONFIG: this.folder, REDIS_URL: this.lines[index]?.url ?? '' };
    const service = await builtService({ environment: { ...settings, ...this.#heaps.environment } });
    this.#kept.set(service, new Set());
    // A cold process is asked for everything once before it takes readers, as a roll-out does.
    for (const key of KEYS) await this.#read(service, key, () => false);
    this.#services[index] = service;
    void service.ended.then((how) => {
      if (this.#services[index] !== service || this.#isOver) return;
      this.crashes.push(`${how}: ${service.errorText.slice(-2000)}`);
    });
  }

  /** Takes a process away from its readers, ends it so, and starts another in its place. Its exit code, or the signal. */
  async replace(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | NodeJS.Signals> {
    const service = this.#services[index];
    if (!service) return 0;
    this.#services[index] = null;
    this.bound.killed();
    service.signal(signal);
    const ended = await service.ended;
    await this.start(index);
    return ended;
  }

  serviceAt(index: number): Service | null {
    return this.#services[index] ?? null;
  }

  set source(mode: 'well' | 'slow' | 'reset' | 'hang') {
    this.#source = mode;
  }

  /** A command by an administrator, past the lines. */
  askRedis(command: string, ...words: (string | number)[]): Promise<unknown> {
    return askRedis(this.redis.port, command, ...words);
  }

  /** Flips a byte of every entry that lies in Redis. */
  async damageEntries(): Promise<void> {
    const keys = (await this.askRedis('KEYS', 'dc:{*}:v')) as string[];
    for (const key of keys) {
      const length = Number(await this.askRedis('STRLEN', key));
      await this.askRedis('SETRANGE', key, this.random.between(0, Math.max(0, length - 1)), '\x7f');
    }
  }

  /** What a process holds once it has answered every key a few hundred times and its garbage is gone, in bytes. */
  async heldBytes(index: number): Promise<number> {
    const service = this.#services[index];
    if (!service) throw new Error(`There is no process ${index}`);
    for (let i = 0; i < 300; i++) await ask(urlOf(service, KEYS[i % KEYS.length] ?? 0));
    return this.#heaps.bytesOf(service);
  }

  /** Until `end`: what everybody does who does no harm. */
  async work(): Promise<void> {
    this.executionsCount = 0;
    this.#beganMs = performance.now();
    this.bound.begin();
    const readers = this.lines.flatMap((_, index) =>
      Array.from({ length: READERS_PER_PROCESS_COUNT }, () => this.#readOn(index)),
    );
    await Promise.all([...readers, this.#write(), this.#invalidate()]);
  }

  end(): void {
    this.#isOver = true;
  }

  #reply(key: number): UpstreamReply {
    return async (request, response) => {
      this.executionsCount++;
      const version = this.#versions.get(key) ?? 0;
      if (this.#source === 'reset') return reset(request, response);
      if (this.#source === 'hang') return hang(request, response);
      if (this.#source === 'slow') await sleep(300);
      return json({ key, version })(request, response);
    };
  }

  async #readOn(index: number): Promise<void> {
    while (!this.#isOver) {
      const service = this.#services[index];
      if (service) await this.#read(service, this.random.pick(KEYS), () => this.#services[index] === service);
      await sleep(READER_PAUSE_MS);
    }
  }

  async #read(service: Service, key: number, isThere: () => boolean): Promise<void> {
    try {
      await this.recorder.read(String(key), async () => {
        const answer = await ask(urlOf(service, key));
        this.answeredCount++;
        await this.#note(service, key, answer);
        return read(answer);
      });
    } catch (error) {
      if (error instanceof NotAnswered) return;
      // Who was asked has been killed: a balancer would have asked another.
      if (isThere()) await this.#fail(service, { key, status: 0, text: String(error) });
    }
  }

  async #note(service: Service, key: number, { status, text, cacheStatus }: Answer): Promise<void> {
    const kept = this.#kept.get(service);
    // A load whose fill was refused is answered and not kept: a hit shows that there is something.
    if (/; hit;/.test(cacheStatus)) kept?.add(key);
    if (status !== 200 && WARM_KEYS.some((warm) => warm === key) && kept?.has(key))
      await this.#fail(service, { key, status, text });
  }

  async #fail(service: Service, failure: Pick<Failure, 'key' | 'status' | 'text'>): Promise<void> {
    const atMs = Math.round(performance.now() - this.#beganMs);
    const path = encodeURIComponent(`/dashboards/reports/metrics?tenant=${failure.key}`);
    const explained = await ask(`${service.url}/cache/entries?url=${path}`).catch((error) => ({
      text: String(error),
    }));
    this.failures.push({ ...failure, atMs, explained: explained.text });
  }

  async #write(): Promise<void> {
    while (!this.#isOver) {
      const key = this.random.pick(KEYS);
      const version = (this.#versions.get(key) ?? 0) + 1;
      await this.recorder.write(String(key), version, async () => {
        this.#versions.set(key, version);
      });
      await sleep(this.random.between(30, 120));
    }
  }

  async #invalidate(): Promise<void> {
    while (!this.#isOver) {
      await sleep(this.random.between(50, 300));
      const [service] = [this.random.pick(this.alive)];
      const isPurge = this.random.chance(0.6);
      const key = this.random.pick(isPurge ? HOT_KEYS : KEYS);
      const wait = this.random.chance(0.7);
      const kind: InvalidationKind = isPurge ? (wait ? 'purge' : 'purge without waiting') : 'expire';
      this.bound.invalidated();
      const body = { all: true, tenant: String(key), mode: isPurge ? 'purge' : 'expire', wait };
      await this.recorder
        .invalidate(kind, [String(key)], async () => {
          const { status } = await tell(service, '/cache/invalidations', { body });
          if (status !== 200) throw new NotAnswered();
        })
        .catch(() => {});
    }
  }
}

/** Nothing was promised, so nothing is recorded. */
class NotAnswered extends Error {}

function urlOf({ url }: Service, key: number): string {
  return `${url}/dashboards/reports/metrics?tenant=${key}`;
}

function read(answer: Answer): { version: number; isStale: boolean; isUnproven: boolean } {
  if (answer.status !== 200) throw new NotAnswered();
  const { data, params } = answer.json<{
    data: { key: number; version: number };
    params: { tenant: number };
  }>();
  if (data.key !== params.tenant)
    throw new Error(`Tenant ${params.tenant} was given the data of ${data.key}`);
  const status = answer.cacheStatus;
  return {
    version: data.version,
    isStale: /ttl=-|stale-if-error/.test(status),
    isUnproven: status.includes('unproven'),
  };
}
