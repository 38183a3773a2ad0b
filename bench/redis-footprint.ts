// What all panels of all sites take in Redis at default settings: `npm run bench:redis-footprint`.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { startRedis } from '../test/helpers/redis-server.js';
import { type BenchApp, benchConfig, startBenchApp, statisticsOf } from './bench-app.js';
import { redisBytes, usedBytes } from './redis-bytes.js';

const TARGET_BYTES = 100_000_000;
/** The default period, and a year as the longest there is: its charts have most points. */
const PERIODS = ['30d', '366d'];

async function fill({ app }: BenchApp, period: string): Promise<number> {
  const options = await app.inject('/dashboards/operations/options/site_id');
  const sites = options.json<{ options: { value: number }[] }>().options;
  for (const { value } of sites) {
    const response = await app.inject(`/dashboards/operations?site_id=${value}&period=${period}`);
    if (response.statusCode !== 200) throw new Error(`site ${value} answered ${response.statusCode}`);
    // Its writes to Redis go on behind the answer.
    await sleep(2);
  }
  await sleep(500);
  return sites.length;
}

async function main(): Promise<void> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  try {
    const emptyBytes = await usedBytes(redis);
    const config = await benchConfig({ REDIS_URL: server.url });
    const bench = await startBenchApp(config);
    try {
      for (const [index, period] of PERIODS.entries()) {
        const sitesCount = await fill(bench, period);
        const { keysCount, prefixBytes, usedBytes: fullBytes } = await redisBytes(redis, config.redisPrefix);
        const { redis: own } = await statisticsOf(bench.app);
        process.stdout.write(
          `All panels of ${sitesCount} sites, ${PERIODS.slice(0, index + 1).join(' and ')}: ${keysCount} keys, ` +
            `${megabytes(prefixBytes)} under our prefix (by our own account ${megabytes(own?.bytes ?? 0)}), ` +
            `${megabytes(fullBytes - emptyBytes)} more in the server; target < ${megabytes(TARGET_BYTES)}\n`,
        );
        if (prefixBytes >= TARGET_BYTES) process.exitCode = 1;
      }
    } finally {
      await bench.app.close();
    }
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

await main();
