import type { FastifyInstance } from 'fastify';
import { buildApp } from '../app.js';
import { type Config, loadConfig } from '../config.js';
import { prepareDemo } from '../demo/prepare-demo.js';
import type { EnabledStatisticsBody } from '../services/statistics/report-schema.js';
import { ManualClock } from '../test/helpers/manual-clock.js';

/** The service on the demo data, asked without a network, whose time goes on only when it is told to. */
export interface BenchApp {
  readonly app: FastifyInstance;
  readonly clock: ManualClock;
}

const HOUR_MS = 3_600_000;

/** Settings at their defaults but for `overrides`; the demo data lie in DATA_DIR, as for `npm start`. */
export async function benchConfig(overrides: Record<string, string>): Promise<Config> {
  const { dataDir } = loadConfig({ DATA_DIR: process.env['DATA_DIR'] });
  const { definitionsFolder } = await prepareDemo({
    dataDir,
    nowMs: Date.now(),
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  const fixed = { DATA_DIR: dataDir, DASHCACHE_CONFIG: definitionsFolder, LOG_LEVEL: 'error' };
  return loadConfig({ ...fixed, ...overrides });
}

/** Begins at the full hour, so that no day ends within the hour that follows. */
export async function startBenchApp(config: Config): Promise<BenchApp> {
  const clock = new ManualClock(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);
  const app = await buildApp(config, { clock, logger: { level: 'error', stream: process.stderr } });
  return { app, clock };
}

export async function statisticsOf(app: FastifyInstance): Promise<EnabledStatisticsBody> {
  const response = await app.inject('/reports/cache-statistics/');
  if (response.statusCode !== 200) throw new Error(`statistics answered ${response.statusCode}`);
  return response.json<EnabledStatisticsBody>();
}
