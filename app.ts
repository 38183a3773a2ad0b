import { createRequire } from 'node:module';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify';
import type { Config } from './config.js';
import access from './plugins/access.js';
import administration from './plugins/administration.js';
import bodies from './plugins/bodies.js';
import cacheMonitor from './plugins/cache-monitor.js';
import caching from './plugins/caching.js';
import changes from './plugins/changes.js';
import clientErrors from './plugins/client-errors.js';
import clock from './plugins/clock.js';
import connections from './plugins/connections.js';
import cors from './plugins/cors.js';
import dashboardCache from './plugins/dashboard-cache.js';
import dataAnswers from './plugins/data-answers.js';
import definitions from './plugins/definitions.js';
import delivery from './plugins/delivery.js';
import documentation from './plugins/documentation.js';
import errorHandler from './plugins/error-handler.js';
import eventTrail from './plugins/event-trail.js';
import identity from './plugins/identity.js';
import lifecycle from './plugins/lifecycle.js';
import live from './plugins/live.js';
import notFound from './plugins/not-found.js';
import observedReads from './plugins/observed-reads.js';
import openapi from './plugins/openapi.js';
import panelRequests from './plugins/panel-requests.js';
import pressure from './plugins/pressure.js';
import rateLimit from './plugins/rate-limit.js';
import readiness from './plugins/readiness.js';
import readyAnswers from './plugins/ready-answers.js';
import redis from './plugins/redis.js';
import redisLedger from './plugins/redis-ledger.js';
import refusals from './plugins/refusals.js';
import security from './plugins/security.js';
import { serverOptions } from './plugins/server-options.js';
import slowClients from './plugins/slow-clients.js';
import sources from './plugins/sources.js';
import statistics from './plugins/statistics.js';
import tenant from './plugins/tenant.js';
import warming from './plugins/warming.js';
import webPages from './plugins/web-pages.js';
import { cacheBypassesRoute } from './routes/cache-bypasses.js';
import { cacheEntriesRoute } from './routes/cache-entries.js';
import { cacheEventsRoute } from './routes/cache-events.js';
import { cacheInvalidationsRoute } from './routes/cache-invalidations.js';
import { cacheSwitchRoute } from './routes/cache-switch.js';
import { cacheWarmingsRoute } from './routes/cache-warmings.js';
import { cacheWhyRoute } from './routes/cache-why.js';
import { catalogueRoute } from './routes/catalogue.js';
import { chartsRoute } from './routes/charts.js';
import { dashboardsRoute } from './routes/dashboards.js';
import { healthRoute } from './routes/health.js';
import { liveRoute } from './routes/live.js';
import { metricsRoute } from './routes/metrics.js';
import { openapiRoute } from './routes/openapi.js';
import { optionsRoute } from './routes/options.js';
import { prometheusRoute } from './routes/prometheus.js';
import { statisticsRoute } from './routes/statistics.js';
import { summariesRoute } from './routes/summaries.js';
import type { Clock } from './services/clock.js';
import type { Credentials } from './services/identity/credentials.js';
import type { WorkerLink } from './services/workers/worker-link.js';

/** What a test, or a process that is one of several, may put in the place of the real thing. */
export interface AppOverrides {
  /** Who may ask, in place of what the settings say. */
  readonly credentials?: Credentials;
  readonly clock?: Clock;
  /** Gives [0, 1): spreads the instants at which entries become stale. */
  readonly random?: () => number;
  readonly logger?: FastifyServerOptions['logger'];
  /** The others that serve the same address, where there are some. */
  readonly workers?: WorkerLink;
  /** For so long a reader may take next to nothing. */
  readonly slowReaderMs?: number;
}

/** Who may ask for the pages. */
const OPEN = { access: 'open' } as const;

const { version } = createRequire(import.meta.url)('dashcache/package.json') as { version: string };

/** Beside MEMORY_MAX_BYTES: what whole dashboards, joined from the panels in memory, may take. */
const ASSEMBLED_SHARE = 1 / 8;

/** And what is ready to be sent of answers. */
const READY_ANSWERS_SHARE = 1 / 16;

/** Live readers at once in one process: a stream each, of the connections that a process takes. */
const LIVE_READERS_MAX_COUNT = 5000;

/** Readers who take next to nothing are let go after so long. */
const SLOW_READER_MS = 30_000;

/** The service as a server of its own, ready to listen. Rejects with what is wrong with the definitions. */
export async function buildApp(config: Config, overrides: AppOverrides = {}): Promise<FastifyInstance> {
  const app = fastify(serverOptions(config, overrides.logger)).withTypeProvider<TypeBoxTypeProvider>();

  // First: what it answers needs nothing of what follows.
  app.register(readyAnswers, {
    maxBytes: config.memoryMaxBytes * READY_ANSWERS_SHARE,
    needsProxies: config.trustProxy !== false && config.rateLimit !== null,
  });

  // What concerns the whole server, and is the host's where the service is embedded.
  app.register(refusals);
  app.register(clientErrors);
  app.register(connections);
  app.register(slowClients, { patienceMs: overrides.slowReaderMs ?? SLOW_READER_MS });
  app.register(security, { sharedWithOthers: config.corsOrigins.length > 0 });
  app.register(cors, { origins: config.corsOrigins });

  service(app, { config, overrides, ownsPrefix: true });

  try {
    await app.ready();
  } catch (error) {
    // What is open by then, as a connection to Redis, would keep a process that cannot start from its end.
    await app.close().catch(() => {});
    throw error;
  }
  return app;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly overrides?: Omit<AppOverrides, 'logger' | 'slowReaderMs'>;
  /** On a server of our own, or embedded under a prefix of its own: whatever lies below it is answered here. */
  readonly ownsPrefix: boolean;
}

/** Everything that dashcache is, on a server of our own or in a scope of somebody else's: every plugin and route in reading order. */
export function service(app: FastifyInstance, options: ServiceOptions): void {
  const { config, overrides = {}, ownsPrefix } = options;
  const { random = Math.random } = overrides;
  // A scope with a prefix of its own puts it before every route in it.
  const prefix = app.prefix === '' ? config.basePath : '';

  // What every answer has.
  app.register(clock, { clock: overrides.clock });
  app.register(lifecycle);
  app.register(errorHandler);
  app.register(bodies);
  app.register(notFound, { ownsPrefix });
  app.register(identity, { config, credentials: overrides.credentials });
  app.register(redis, { config, random });
  app.register(rateLimit, { rate: config.rateLimit, redisPrefix: config.redisPrefix });
  app.register(access, { config });
  app.register(openapi, { basePath: config.basePath, version });

  // What the answers come from.
  app.register(redisLedger, { prefix: config.redisPrefix, maxBytes: config.redisMaxBytes });
  app.register(pressure);
  app.register(statistics, { config, workers: overrides.workers ?? null });
  app.register(eventTrail);
  app.register(sources, { redisPrefix: config.redisPrefix });
  app.register(definitions, { config });
  app.register(readiness);
  app.register(dashboardCache, { config, random });
  app.register(changes, { config });
  app.register(observedReads, { config });
  app.register(tenant);
  app.register(panelRequests);
  app.register(warming, { config });
  app.register(administration, { config });
  app.register(live, { maxReadersCount: LIVE_READERS_MAX_COUNT });

  app.register(api, { prefix, config });
  app.register(ops, { prefix });
  app.register(pages, { prefix, config, ownsPrefix });
}

/** Data: timed and counted. */
async function api(app: FastifyInstance, { config }: { config: Config }): Promise<void> {
  app.register(cacheMonitor, { enabled: config.cacheMonitoring });
  app.register(dataAnswers, { assembledMaxBytes: config.memoryMaxBytes * ASSEMBLED_SHARE });

  app.register(catalogueRoute);
  app.register(optionsRoute);
  app.register(dashboardsRoute);
  app.register(metricsRoute);
  app.register(chartsRoute);
  app.register(summariesRoute);
  app.register(liveRoute);
}

/** Operation: statistics, Prometheus, health, administration. Not counted. */
async function ops(app: FastifyInstance): Promise<void> {
  app.register(caching);

  app.register(statisticsRoute);
  app.register(prometheusRoute);
  app.register(healthRoute);
  app.register(cacheInvalidationsRoute);
  app.register(cacheWarmingsRoute);
  app.register(cacheSwitchRoute);
  app.register(cacheBypassesRoute);
  app.register(cacheEntriesRoute);
  app.register(cacheWhyRoute);
  app.register(cacheEventsRoute);
}

/** For people: the dashboards, the monitoring and the description of the API. Open to all, and not counted: their data is asked of the API. */
async function pages(
  app: FastifyInstance,
  { config, ownsPrefix }: { config: Config; ownsPrefix: boolean },
): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, ...OPEN };
  });
  app.register(caching);
  app.register(delivery);

  // The start page of a host is its own.
  if (ownsPrefix) app.register(webPages);
  app.register(openapiRoute);
  app.register(documentation, { basePath: config.basePath });
}
