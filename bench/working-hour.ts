// The figures that dashcache is measured by, over a scripted working hour: `npm run bench:working-hour`.
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Redis } from 'ioredis';
import { startRedis } from '../test/helpers/redis-server.js';
import { benchConfig, startBenchApp, statisticsOf } from './bench-app.js';
import { type Figures, figuresTable } from './figures.js';
import { redisBytes } from './redis-bytes.js';
import { percentile, replay } from './replay.js';
import { type Visit, workingHour } from './traffic.js';

const SITES_COUNT = 20;
const HOUR_MS = 3_600_000;
/** Without the cache only these minutes are replayed: its figures are rates, and the whole hour would tell no more. */
const SAMPLE = { fromMs: 20 * 60_000, toMs: 30 * 60_000 };

/** Replays the visits between two instants of the hour on a service with these settings. */
async function measure(
  settings: Record<string, string>,
  hour: readonly Visit[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Figures> {
  const visits = hour.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const config = await benchConfig(settings);
  const bench = await startBenchApp(config);
  try {
    const perMinute: number[] = [];
    const latenciesMs: number[] = [];
    let queriesCount = 0;
    for (const minute of byMinute(visits)) {
      latenciesMs.push(...(await replay(bench, minute, fromMs)));
      const { process } = await statisticsOf(bench.app);
      perMinute.push(process.source_queries - queriesCount);
      queriesCount = process.source_queries;
    }
    const { process } = await statisticsOf(bench.app);
    return {
      visitsCount: visits.length,
      panelReadsCount: process.total_requests,
      hitRatePercent: process.hit_rate,
      loadP50Ms: percentile(latenciesMs, 0.5),
      loadP95Ms: percentile(latenciesMs, 0.95),
      sourceQueriesPerMinute: queriesCount / ((toMs - fromMs) / 60_000),
      busiestMinuteQueriesCount: Math.max(...perMinute),
      redisBytes: config.redisUrl ? await bytesIn(config.redisUrl, config.redisPrefix) : null,
      layerTwoFailuresCount: process.events['l2_failures'] ?? 0,
    };
  } finally {
    await bench.app.close();
  }
}

function byMinute(visits: readonly Visit[]): Visit[][] {
  const minutes: Visit[][] = [];
  for (const visit of visits) {
    const minute = Math.floor(visit.atMs / 60_000);
    minutes[minute] ??= [];
    minutes[minute].push(visit);
  }
  return minutes.filter((minute) => minute !== undefined);
}

async function bytesIn(url: string, prefix: string): Promise<number> {
  const redis = new Redis(url);
  try {
    return (await redisBytes(redis, prefix)).prefixBytes;
  } finally {
    redis.disconnect();
  }
}

/** The sites with most work: those whose dashboards are opened, and whose queries cost, most. */
async function busiestSites(dataDir: string): Promise<number[]> {
  const instance = await DuckDBInstance.create(join(dataDir, 'operations.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT site_id FROM tasks GROUP BY site_id ORDER BY count(*) DESC LIMIT ${SITES_COUNT}`,
    );
    connection.closeSync();
    return reader.getRows().map(([siteId]) => Number(siteId));
  } finally {
    instance.closeSync();
  }
}

async function main(): Promise<void> {
  const { dataDir } = await benchConfig({});
  const siteIds = await busiestSites(dataDir);
  const visits = workingHour({ seed: 2026, viewersCount: 50, siteIds, durationMs: HOUR_MS });
  const redis = await startRedis();
  try {
    process.stderr.write('Replaying the hour with the cache ...\n');
    const cached = await measure({ REDIS_URL: redis.url }, visits, { fromMs: 0, toMs: HOUR_MS });
    process.stderr.write('Replaying ten minutes of it without the cache ...\n');
    const uncached = await measure({ CACHE_ENABLED: 'false' }, visits, SAMPLE);
    const { text, met } = figuresTable(cached, uncached);
    process.stdout.write(text);
    process.exitCode = met ? 0 : 1;
  } finally {
    await redis.stop();
  }
}

await main();
