import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { type AppOverrides, buildApp } from '../../../app.js';
import { loadConfig } from '../../../config.js';
import { type Answer, type AskOptions, ask } from './ask.js';

export interface ListeningApp {
  readonly app: FastifyInstance;
  readonly url: string;
  /** From the first line of the start until it listened. */
  readonly startedInMs: number;
  get(path: string, options?: AskOptions): Promise<Answer>;
  /** Stops it, once; how long that took. */
  stop(): Promise<number>;
}

export interface ListeningOptions extends AppOverrides {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The whole service in this process, listening on a port of 127.0.0.1 until the test ends. Entries get no jitter. */
export async function listeningApp(
  t: Test,
  { folder, environment, ...overrides }: ListeningOptions,
): Promise<ListeningApp> {
  const startMs = performance.now();
  const config = loadConfig({ LOG_LEVEL: 'silent', PORT: '0', ...environment, DASHCACHE_CONFIG: folder });
  const app = await buildApp(config, { logger: false, random: () => 0, ...overrides });
  let stopped: Promise<number> | null = null;
  const stop = () => {
    stopped ??= timed(() => app.close());
    return stopped;
  };
  t.teardown(stop);
  const url = await app.listen({ port: config.port, host: config.host });
  const startedInMs = performance.now() - startMs;
  return { app, url, startedInMs, get: (path, options) => ask(url + path, options), stop };
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await action();
  return performance.now() - startMs;
}
