import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { HeapProbe } from '../test/chaos/heap-probe.js';
import { askRedis } from '../test/helpers/ask-redis.js';
import type { Lifetime } from '../test/helpers/lifetime.js';
import { startRedis } from '../test/helpers/redis-server.js';
import type { Service } from '../test/helpers/start-service.js';
import { tempFolder } from '../test/helpers/temp-folder.js';
import { builtService } from '../test/integration/support/built-service.js';
import { manyQuestions, questionPath, TENANTS_COUNT } from '../test/integration/support/many-questions.js';
import { openLoop, type Sent } from './open-loop.js';
import { pinToCore } from './pin-to-core.js';
import { redisBytes } from './redis-bytes.js';

export interface FloodOptions {
  readonly requestsCount: number;
  readonly connectionsCount: number;
  readonly memoryMaxBytes: number;
  readonly redisMaxBytes: number;
  /** Of the other tenants together. */
  readonly othersPerSecondCount: number;
  /** How long the others are alone, to know their hit rate. */
  readonly quietMs: number;
  /** The core of the service; null: any. */
  readonly core: number | null;
}

export interface Usage {
  readonly rssBytes: number;
  /** Heap and external memory once the garbage is collected: what is really held. Asked for before and after the flood alone; else 0. */
  readonly heldBytes: number;
  readonly entriesBytes: number;
  /** By the ledger of the service. */
  readonly prefixBytes: number;
  /** What Redis says that the keys of the prefix take, each with its name and overhead. Asked for now and then; else 0. */
  readonly keysBytes: number;
  /** Of that Redis, by itself: without its connections and scripts, beyond what it takes when empty. */
  readonly redisBytes: number;
  /** Names and labels of /metrics. */
  readonly series: ReadonlySet<string>;
  readonly expositionBytes: number;
}

export interface FloodFigures {
  /** Of a process that keeps nothing, after a flood of its own. */
  readonly withoutCache: Usage;
  readonly before: Usage;
  readonly after: Usage;
  /** The highest of each while it went on. */
  readonly most: Usage;
  readonly statuses: ReadonlyMap<number, number>;
  readonly hitShareBefore: number;
  readonly hitShareDuring: number;
  readonly othersFailedCount: number;
  readonly othersCount: number;
  readonly perSecondCount: number;
}

const FLOODER = TENANTS_COUNT;
/** Each other tenant asks these again and again. */
const WARM_COUNT = 10;
/** And every so manieth time something that nobody has asked. */
const NEW_EVERY = 10;
const SAMPLED_EVERY_MS = 1000;
/** Every so manieth sample asks Redis for the size of every key. */
const WEIGHED_EVERY = 20;

/** One tenant asks ever new questions, while the others go on as they always do. */
export async function runFlood(life: Lifetime, options: FloodOptions): Promise<FloodFigures> {
  const { requestsCount, quietMs, core } = options;
  const redis = await startRedis();
  life.teardown(() => redis.stop());
  const folder = manyQuestions(life);
  const probe = new HeapProbe(tempFolder(life));
  const start = async (environment: Readonly<Record<string, string>>) => {
    const service = await builtService({
      environment: {
        DASHCACHE_CONFIG: folder,
        LOG_LEVEL: 'warn',
        REDIS_URL: redis.url,
        ...probe.environment,
        ...environment,
      },
    });
    life.teardown(() => service.stop());
    if (core !== null) pinToCore(service.pid, core);
    return service;
  };
  const client = new Redis(redis.port, '127.0.0.1');
  life.teardown(() => client.disconnect());
  const keysBytes = async () => (await redisBytes(client, 'dc:')).prefixBytes;
  const emptyBytes = await usedBytes(redis.port);
  const sample = async (service: Service): Promise<Usage> => ({
    ...(await usageOf(service)),
    heldBytes: 0,
    keysBytes: 0,
    redisBytes: (await usedBytes(redis.port)) - emptyBytes,
  });
  // Never while the flood goes on: a whole collection stops the process for longer than it waits for Redis.
  const usage = async (service: Service): Promise<Usage> => ({
    ...(await sample(service)),
    heldBytes: await probe.bytesOf(service),
    keysBytes: await keysBytes(),
  });
  const bare = await start({ CACHE_ENABLED: 'false' });
  await flood(bare, { ...options, requestsCount: Math.min(requestsCount, 20_000) });
  const withoutCache = await usage(bare);
  await bare.stop();

  const service = await start({
    MEMORY_MAX_BYTES: String(options.memoryMaxBytes),
    REDIS_MAX_BYTES: String(options.redisMaxBytes),
  });
  const others = new OtherTenants(service, options.othersPerSecondCount);
  await others.warm();
  const quiet = await others.ask(quietMs);
  const before = await usage(service);
  const seen: Usage[] = [before];
  const watch = { isOver: false };
  const watching = (async () => {
    while (!watch.isOver) {
      await sleep(SAMPLED_EVERY_MS);
      const isWeighed = seen.length % WEIGHED_EVERY === 0;
      const sampled = await sample(service);
      seen.push(isWeighed ? { ...sampled, keysBytes: await keysBytes() } : sampled);
    }
  })();
  const startMs = performance.now();
  const flooding = flood(service, options);
  const asked = await others.until(flooding);
  const statuses = await flooding;
  const tookMs = performance.now() - startMs;
  watch.isOver = true;
  await watching;
  const after = await usage(service);
  return {
    withoutCache,
    before,
    after,
    most: mostOf([...seen, after]),
    statuses,
    hitShareBefore: hitShare(quiet),
    hitShareDuring: hitShare(asked),
    othersFailedCount: asked.filter(({ status }) => status !== 200).length,
    othersCount: asked.length,
    perSecondCount: (requestsCount * 1000) / tookMs,
  };
}

/** Distinct questions of one tenant, as fast as they are answered. */
async function flood(
  { url }: Service,
  { requestsCount, connectionsCount }: Pick<FloodOptions, 'requestsCount' | 'connectionsCount'>,
): Promise<Map<number, number>> {
  const pool = new Pool(url, { connections: connectionsCount, pipelining: 1 });
  const statuses = new Map<number, number>();
  let next = 0;
  const askAll = async () => {
    while (next < requestsCount) {
      const path = questionPath(FLOODER, next++);
      const { statusCode, body } = await pool.request({ path, method: 'GET' });
      await body.dump();
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: connectionsCount }, askAll));
  await pool.close();
  return statuses;
}

/** Their traffic: nine of ten requests are for what they asked before. */
class OtherTenants {
  readonly #url: string;
  readonly #perSecondCount: number;
  readonly #warm: readonly string[];
  #newCount = 1_000_000;

  constructor({ url }: Service, perSecondCount: number) {
    this.#url = url;
    this.#perSecondCount = perSecondCount;
    const tenants = Array.from({ length: TENANTS_COUNT - 1 }, (_empty, i) => i + 1);
    this.#warm = tenants.flatMap((tenant) =>
      Array.from({ length: WARM_COUNT }, (_empty, n) => questionPath(tenant, n)),
    );
  }

  async warm(): Promise<void> {
    for (const path of [...this.#warm, ...this.#warm]) await (await fetch(this.#url + path)).arrayBuffer();
  }

  ask(durationMs: number): Promise<Sent[]> {
    const count = Math.ceil((durationMs * this.#perSecondCount) / 1000);
    const paths = Array.from({ length: count }, (_empty, i) => this.#pathOf(i));
    return openLoop({ url: this.#url, paths, perSecondCount: this.#perSecondCount, durationMs });
  }

  async until(over: Promise<unknown>): Promise<Sent[]> {
    const state = { isOver: false };
    const end = () => {
      state.isOver = true;
    };
    over.then(end, end);
    const sent: Sent[] = [];
    while (!state.isOver) for (const one of await this.ask(1000)) sent.push(one);
    return sent;
  }

  #pathOf(i: number): string {
    const isNew = i % NEW_EVERY === 0;
    if (isNew) return questionPath(1 + (i % (TENANTS_COUNT - 1)), this.#newCount++);
    // A step without a common divisor: all of them in turn, whatever the length of one stretch.
    return this.#warm[(this.#newCount * 7 + i * 13) % this.#warm.length] ?? '/';
  }
}

function hitShare(sent: readonly Sent[]): number {
  return sent.filter(({ cacheStatus }) => cacheStatus.includes('; hit;')).length / sent.length;
}

async function usageOf({
  url,
  pid,
}: Service): Promise<Omit<Usage, 'heldBytes' | 'keysBytes' | 'redisBytes'>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssBytes: 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
    entriesBytes: figure('dashcache_l1_bytes'),
    prefixBytes: figure('dashcache_redis_bytes'),
    series: seriesOf(text),
    expositionBytes: Buffer.byteLength(text),
  };
}

function seriesOf(text: string): Set<string> {
  // Node tells of a kind of collection from the first one on.
  const lines = text.split('\n').filter((line) => line !== '' && !/^(?:#|nodejs_gc_)/.test(line));
  return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' '))));
}

async function usedBytes(port: number): Promise<number> {
  const memory = String(await askRedis(port, 'INFO', 'memory'));
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)?.[1] ?? 0);
  return figure('used_memory') - figure('mem_clients_normal') - figure('used_memory_scripts');
}

function mostOf(seen: readonly Usage[]): Usage {
  const most = (name: Exclude<keyof Usage, 'series'>) => Math.max(...seen.map((usage) => usage[name]));
  return {
    rssBytes: most('rssBytes'),
    heldBytes: most('heldBytes'),
    entriesBytes: most('entriesBytes'),
    prefixBytes: most('prefixBytes'),
    keysBytes: most('keysBytes'),
    redisBytes: most('redisBytes'),
    series: new Set(seen.flatMap(({ series }) => [...series])),
    expositionBytes: most('expositionBytes'),
  };
}
