import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { Cache } from '../services/cache/cache.js';
import { silentFillSignals } from '../services/cache/fill-signals.js';
import { Generations } from '../services/cache/generations.js';
import { MemoryControlSlot } from '../services/cache/memory-control-slot.js';
import { MemoryStore } from '../services/cache/memory-store.js';
import { guarded } from '../services/cache/observer.js';
import { RedisBus } from '../services/cache/redis-bus.js';
import { onRedisChange } from '../services/cache/redis-changes.js';
import { RedisControlSlot } from '../services/cache/redis-control-slot.js';
import { RedisStore } from '../services/cache/redis-store.js';
import { newProcessId } from '../services/cache/stamp.js';
import { DashboardCacheService, type DashboardReader } from '../services/dashboard-cache-service.js';
import { changeEvent } from '../services/events/change-event.js';
import { RefreshNotes } from '../services/events/refresh-notes.js';
import { trailObserver } from '../services/events/trail-observer.js';
import { isDeclared } from '../services/is-declared.js';
import { LoadShedder } from '../services/pressure/load-shedder.js';
import type { Trust } from '../services/statistics/trust-figures.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Reads panels and options through the cache. */
    dashboardReader: DashboardReader;
    /** The same, and what lies behind it, for administration. */
    dashboardCache: DashboardCache;
    /** Layer one. */
    memoryStore: MemoryStore;
  }
}

export interface DashboardCache {
  readonly service: DashboardCacheService;
  readonly cache: Cache;
  /** Name of an entry in Redis; null without Redis. */
  readonly redisKeyOf: ((keyHash: string) => string) | null;
  /** How long memory may be used without asking, and when Redis was last asked. */
  readonly trust: () => Trust;
}

export interface DashboardCacheOptions {
  readonly config: Pick<Config, 'cacheEnabled' | 'memoryMaxBytes' | 'redisPrefix'>;
  /** Gives [0, 1). */
  readonly random: () => number;
}

/** How long the stop waits for loads that are under way; their sources are closed next, which ends them. */
const SETTLE_WAIT_MS = 500;

/** The dashboard cache service: both layers, the generations that prove them, and the story of a read over them. */
async function dashboardCache(
  app: FastifyInstance,
  { config, random }: DashboardCacheOptions,
): Promise<void> {
  const { clock, log, redisLedger, eventTrail: trail } = app;
  const { client: redis, openSubscriber, breaker } = app.redisConnection;
  const observer = guarded(trailObserver(app.observer, { trail, clock }));
  const prefix = config.redisPrefix;

  const slot = redis
    ? new RedisControlSlot({ redis, prefix, clock, processId: newProcessId(), breaker })
    : new MemoryControlSlot();
  const generations = new Generations({ slot, clock, log, observer });
  const look = () => generations.refresh();
  const place = () => generations.place;
  const bus =
    openSubscriber &&
    new RedisBus({ open: openSubscriber, prefix, clock, log, random, observer, look, place });
  const memory = new MemoryStore({ maxBytes: config.memoryMaxBytes, clock, observer });
  const store =
    redis && redisLedger
      ? new RedisStore({ redis, prefix, clock, observer, ledger: redisLedger, breaker })
      : null;
  const signals = bus?.fills ?? silentFillSignals;
  const cache = new Cache({ memory, redis: store, generations, clock, observer, random, signals });
  const service = new DashboardCacheService({
    cache,
    sourceOf: (name) => app.sources.get(name),
    tablesOf: (panel) => app.definitions.tablesOf(panel),
    isEnabled: () => config.cacheEnabled,
    // Of a plugin that comes after this one, and hears of changes before the first read.
    toldToMs: (source, tables) => app.changes.toldToMs(source, tables),
    isDeclared: (panel) => isDeclared(panel, app.definitions.current),
    refreshes: new RefreshNotes({ trail, clock }),
    shedder: new LoadShedder({ pressure: app.pressure, shed: () => observer.event('shed_loads') }),
    clock,
  });

  app.decorate('memoryStore', memory);
  app.decorate('dashboardReader', service);
  app.decorate('dashboardCache', {
    service,
    cache,
    redisKeyOf: store && ((hash) => store.nameOf(hash)),
    trust: () => ({ trustMs: slot.trustMs, unconfirmedForMs: generations.unconfirmedForMs }),
  });
  expireChangedTables(app, service);
  await generations.start();
  bus?.start();
  // The poll would come to it within 250 ms: layer two writes nothing until then.
  const stopLooking = redis ? onRedisChange(redis, look) : () => {};
  app.addHook('onClose', async () => {
    // First: a look after the end would make this process a member again.
    bus?.close();
    stopLooking();
    // Leaves the members and gives back its leases, in bounded time.
    await Promise.all([generations.stop(), cache.close(SETTLE_WAIT_MS)]);
  });
}

/** Data that was replaced under a source makes stale what was read from it. */
function expireChangedTables(app: FastifyInstance, service: DashboardCacheService): void {
  app.sources.onTablesChanged((source, tables) => {
    const changes = tables.map((table) => ({ table, tenants: null }));
    app.eventTrail.record(changeEvent({ source, by: 'files', changes }, app.clock.nowMs()));
    const dashboards = [...app.definitions.current.dashboards.values()];
    const panels = dashboards.flatMap((dashboard) => [...dashboard.panels.values()]);
    service.expireTables(source, tables, panels).catch((error: unknown) => {
      app.log.warn({ err: error, source, tables }, 'Entries of replaced tables were expired here only');
    });
  });
}

export default fp(dashboardCache, {
  name: 'dashboard-cache',
  fastify: '5.x',
  dependencies: [
    'clock',
    'redis',
    'redis-ledger',
    'statistics',
    'sources',
    'definitions',
    'event-trail',
    'pressure',
  ],
});
