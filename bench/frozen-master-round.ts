import { setTimeout as sleep } from 'node:timers/promises';
import { builtService } from '../test/integration/support/built-service.js';
import { SITES_COUNT } from '../test/integration/support/shop.js';
import { type FreezableRedis, msUntil } from './frozen-topologies.js';

/** Each is a miss, whose load layer two is to take. */
const COLD_EVERY_MS = 25;
/** While trust lasts, a second, what is loaded is still written to the masters that are well: no sign of anything. */
const SETTLED_MS = 1250;
const DAY_MS = 86_400_000;

/** One freeze of a master under a service that goes on. All from the freeze on. */
export interface FrozenRound {
  /** Until Redis named another master. */
  readonly replacedMs: number;
  /** Until layer two had taken a new entry. */
  readonly writtenMs: number;
  /** Until every breaker was closed for good, as /metrics tells it. */
  readonly closedMs: number;
  /** Answers other than 200. */
  readonly faultsCount: number;
}

/** Freezes a master under readers of what nobody has read yet. Ends what it started, the Redis too. */
export async function frozenMasterRound(redis: FreezableRedis, folder: string): Promise<FrozenRound> {
  try {
    const environment = { DASHCACHE_CONFIG: folder, ...redis.environment };
    const service = await builtService({ environment });
    const readers = coldReaders(service.url);
    const figures = async () => readFigures(await (await service.get('/metrics')).text());
    try {
      await msUntil(performance.now(), async () => (await figures()).writesCount > 0);
      const former = await redis.freeze();
      const frozenAtMs = performance.now();
      const replaced = msUntil(frozenAtMs, () => redis.isReplaced(former));
      await sleep(SETTLED_MS);
      const { writesCount } = await figures();
      const writtenMs = await msUntil(frozenAtMs, async () => (await figures()).writesCount > writesCount);
      const closedMs = await closedFrom(frozenAtMs, async () => (await figures()).openCount === 0);
      const replacedMs = await replaced;
      former.thaw();
      return { replacedMs, writtenMs, closedMs, faultsCount: await readers.stop() };
    } finally {
      await readers.stop();
      await service.stop();
    }
  } finally {
    await redis.stop();
  }
}

/** From when on they were closed, if they stay so for a second: longer than a probe is waited for. */
async function closedFrom(startMs: number, isClosed: () => Promise<boolean>): Promise<number> {
  for (;;) {
    const closedMs = await msUntil(startMs, isClosed);
    const untilMs = performance.now() + 1000;
    let isStill = true;
    while (isStill && performance.now() < untilMs) {
      await sleep(20);
      isStill = await isClosed();
    }
    if (isStill) return closedMs;
  }
}

function readFigures(text: string): { writesCount: number; openCount: number } {
  const numbers = (line: RegExp) => [...text.matchAll(line)].map(([, number]) => Number(number));
  const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
  return {
    writesCount: sum(numbers(/^dashcache_cache_events_total\{event="l2_writes"\} (\d+)$/gm)),
    openCount: sum(numbers(/^dashcache_breaker_open\{.*\} (\d)$/gm)),
  };
}

/** Readers of panels that nobody has; `stop` gives the number of answers other than 200. */
function coldReaders(url: string): { stop(): Promise<number> } {
  let isStopping = false;
  let faultsCount = 0;
  const asking: Promise<void>[] = [];
  const askOne = async (path: string) => {
    const isFine = await fetch(url + path).then(
      async (response) => response.status === 200 && (await response.text()) !== '',
      () => false,
    );
    if (!isFine) faultsCount++;
  };
  const done = (async () => {
    for (let i = 0; !isStopping; i++) {
      asking.push(askOne(coldPath(i)));
      await sleep(COLD_EVERY_MS);
    }
    await Promise.all(asking);
  })();
  return {
    async stop() {
      isStopping = true;
      await done;
      return faultsCount;
    },
  };
}

/** Another site and another first day each time. */
function coldPath(i: number): string {
  const day = new Date(Date.UTC(2025, 0, 1) + Math.floor(i / SITES_COUNT) * DAY_MS)
    .toISOString()
    .slice(0, 10);
  return `/dashboards/shop/metrics?site_id=${1 + (i % SITES_COUNT)}&period=${day}/2026-07-01`;
}
