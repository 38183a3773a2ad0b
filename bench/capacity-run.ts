import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Lifetime, withLifetime } from '../test/helpers/lifetime.js';
import { startRedis } from '../test/helpers/redis-server.js';
import type { Service } from '../test/helpers/start-service.js';
import { tempFolder } from '../test/helpers/temp-folder.js';
import { ask } from '../test/integration/support/ask.js';
import { builtService } from '../test/integration/support/built-service.js';
import { SITES_COUNT, writeShop } from '../test/integration/support/shop.js';
import type { Measured } from './capacity-model.js';
import { redisBytes } from './redis-bytes.js';

export interface CapacityCounts {
  readonly idleMs: number;
  /** Of memory, for each process. */
  readonly hitsCount: number;
  readonly purgesCount: number;
}

const IDLE = 'Redis commands a second, idle';
const PURGE = 'Redis commands for a purge';
/**
 * The figures that grow with the number of processes, and from how many on: a purge by the only process waits for nobody. The others
 * are of one entry, one read or one core.
 */
export const GROWING: Readonly<Record<string, number>> = { [IDLE]: 1, [PURGE]: 2 };

const PANELS = ['metrics', 'charts/by_day', 'charts/by_kind', 'summary'];
const ADDRESSES = PANELS.flatMap((panel) =>
  Array.from({ length: SITES_COUNT }, (_, index) => `/dashboards/shop/${panel}?site_id=${index + 1}`),
);
/** For what is written behind an answer. */
const SETTLE_MS = 1500;

/** What so many processes on one Redis cost, each kind of work by itself, with nothing else under way. */
export function measureCapacity(processesCount: number, counts: CapacityCounts): Promise<Measured> {
  return withLifetime(async (life) => {
    const { services, redis } = await room(life, processesCount);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    life.teardown(() => agent.destroy());
    const [first] = services;
    if (!first) throw new Error('There is no process');
    const read = async (service: Service, path: string) => void (await ask(service.url + path, { agent }));

    const idle = await spent(redis, () => sleep(counts.idleMs));
    /** Without what would have been asked of Redis in that time anyway. */
    const commandsOf = async (work: () => Promise<void>, itemsCount: number) => {
      const { commandsCount, tookMs } = await spent(redis, work);
      return (commandsCount - (idle.commandsCount / idle.tookMs) * tookMs) / itemsCount;
    };
    const miss = await commandsOf(async () => {
      for (const path of ADDRESSES) await read(first, path);
      await sleep(SETTLE_MS);
    }, ADDRESSES.length);
    const bytes = await redisBytes(redis, 'dc:*:v');
    const layerOneBytes = await figureOf(first, 'dashcache_l1_bytes');

    let cpuSeconds = 0;
    for (const service of services) {
      for (const path of ADDRESSES) await read(service, path);
      const beforeSeconds = await figureOf(service, 'process_cpu_seconds_total');
      for (let i = 0; i < counts.hitsCount; i++) await read(service, ADDRESSES[i % ADDRESSES.length] ?? '');
      cpuSeconds += (await figureOf(service, 'process_cpu_seconds_total')) - beforeSeconds;
    }
    const purge = await commandsOf(async () => {
      for (let i = 0; i < counts.purgesCount; i++)
        await ask(`${first.url}/cache/invalidations`, {
          method: 'POST',
          body: { tags: [`nobody-${i % 3}`] },
        });
    }, counts.purgesCount);
    return {
      processesCount,
      figures: {
        [IDLE]: (idle.commandsCount / idle.tookMs) * 1000,
        'Redis commands for a miss that is stored': miss,
        [PURGE]: purge,
        'Redis bytes for an entry': bytes.prefixBytes / bytes.keysCount,
        'memory bytes for an entry': layerOneBytes / ADDRESSES.length,
        'hits from memory a second and core': (counts.hitsCount * processesCount) / cpuSeconds,
      },
    };
  });
}

async function room(life: Lifetime, processesCount: number) {
  const server = await startRedis();
  life.teardown(() => server.stop());
  const redis = new Redis(server.adminUrl);
  life.teardown(() => redis.disconnect());
  const folder = join(tempFolder(life), 'dashboards');
  await writeShop(folder);
  const environment = { DASHCACHE_CONFIG: folder, REDIS_URL: server.url, LOG_LEVEL: 'warn' };
  const services: Service[] = [];
  for (let i = 0; i < processesCount; i++) {
    const service = await builtService({ environment });
    life.teardown(() => service.stop());
    services.push(service);
  }
  await sleep(SETTLE_MS);
  return { services, redis };
}

/** How many commands Redis carried out meanwhile, those of scripts included. */
async function spent(redis: Redis, work: () => Promise<unknown>) {
  const commands = async () => Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
  const [before, startMs] = [await commands(), performance.now()];
  await work();
  return { commandsCount: (await commands()) - before - 1, tookMs: performance.now() - startMs };
}

async function figureOf(service: Service, name: string): Promise<number> {
  const { text } = await ask(`${service.url}/metrics`);
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
