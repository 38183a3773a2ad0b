import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisServer, startRedis } from '../test/helpers/redis-server.js';
import type { Service } from '../test/helpers/start-service.js';
import { builtService } from '../test/integration/support/built-service.js';
import { SHOP_PANELS } from '../test/integration/support/shop.js';
import { heat } from '../test/integration/support/two-processes.js';
import { until } from '../test/integration/support/until.js';
import { openLoop, percentileMs, type Sent } from './open-loop.js';

const SITES = [1, 2, 3, 4, 5];
const PATHS = SITES.flatMap((site) =>
  SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=${site}`),
);
/** The same rate before the freeze: what is cold in Node and in the machine is no cost of a frozen Redis. */
const BEFORE_MS = 2000;

/** What warm readers met while the only Redis stood still. */
export interface AloneFigures {
  readonly requestsCount: number;
  /** Other statuses than 200, and 0 for no answer, each time. */
  readonly faults: readonly number[];
  /** Answers that waited for the source. */
  readonly missesCount: number;
  readonly unprovenCount: number;
  readonly beforeP99Ms: number;
  readonly firstSecondP99Ms: number;
  readonly laterP99Ms: number;
  /** Over all of it. */
  readonly p90Ms: number;
  readonly slowestMs: number;
}

/** Freezes the Redis of a real process under readers of warm panels, who come at a fixed rate whatever the answers take. */
export async function frozenAlone(options: {
  folder: string;
  perSecondCount: number;
  frozenMs: number;
}): Promise<AloneFigures> {
  const redis = await startRedis();
  try {
    const environment = { DASHCACHE_CONFIG: options.folder, REDIS_URL: redis.url };
    const service = await builtService({ environment });
    try {
      return await freezeUnderReaders(service, redis, options);
    } finally {
      redis.thaw();
      await service.stop();
    }
  } finally {
    await redis.stop();
  }
}

async function freezeUnderReaders(
  service: Service,
  redis: RedisServer,
  { perSecondCount, frozenMs }: { perSecondCount: number; frozenMs: number },
): Promise<AloneFigures> {
  // A machine that is busy may connect late, and what was loaded without Redis is loaded again.
  const isWarm = () =>
    heat(service, PATHS).then(
      () => true,
      () => false,
    );
  if (!(await until(isWarm))) throw new Error('The panels did not get warm');
  const loop = openLoop({ url: service.url, paths: PATHS, perSecondCount, durationMs: BEFORE_MS + frozenMs });
  await sleep(BEFORE_MS);
  redis.freeze();
  const sent = await loop;
  const between = (fromMs: number, toMs: number) => sent.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const frozen = between(BEFORE_MS, Number.POSITIVE_INFINITY);
  const isHit = ({ cacheStatus }: Sent) => cacheStatus.startsWith('dashcache; hit');
  return {
    requestsCount: frozen.length,
    faults: frozen.map(({ status }) => status).filter((status) => status !== 200),
    missesCount: frozen.filter((one) => one.status === 200 && !isHit(one)).length,
    unprovenCount: frozen.filter(({ cacheStatus }) => cacheStatus.endsWith('unproven')).length,
    beforeP99Ms: percentileMs(between(BEFORE_MS / 2, BEFORE_MS), 0.99),
    firstSecondP99Ms: percentileMs(between(BEFORE_MS, BEFORE_MS + 1000), 0.99),
    laterP99Ms: percentileMs(between(BEFORE_MS + 1000, Number.POSITIVE_INFINITY), 0.99),
    p90Ms: percentileMs(frozen, 0.9),
    slowestMs: percentileMs(frozen, 1),
  };
}
