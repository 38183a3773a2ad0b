import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { feedGroup } from '../services/changes/feed-group.js';
import type { DeclaredReaders } from '../services/changes/tags-of-changes.js';
import { watchedSource } from '../services/changes/watched-source.js';
import { WatchedSources } from '../services/changes/watched-sources.js';
import { WatchedTables } from '../services/changes/watched-tables.js';
import { changeEvent } from '../services/events/change-event.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The change feeds of the sources. */
    changes: WatchedSources;
  }
}

export interface ChangesPluginOptions {
  readonly config: Pick<Config, 'redisUrl' | 'redisSentinels' | 'redisCluster' | 'redisPrefix'>;
}

/** Hears of changes in the sources that declare a feed, and invalidates what was read from the changed tables. */
async function changes(app: FastifyInstance, { config }: ChangesPluginOptions): Promise<void> {
  const { clock, log, dashboardCache, eventTrail } = app;
  const declared = (): DeclaredReaders => ({
    dashboards: app.definitions.current.dashboards.values(),
    tablesOf: (panel) => app.definitions.tablesOf(panel),
    modeOf: ({ policy }) => (policy.maxStalenessMs === 0 ? 'purge' : 'expire'),
  });
  const sources = () =>
    [...app.definitions.current.sources.values()].flatMap((source) => watchedSource(source) ?? []);
  const watchedTables = new WatchedTables({ clock, log });
  const watched = new WatchedSources({
    declared,
    invalidate: (tags, mode) =>
      dashboardCache.service.invalidate(tags, { mode, wait: false, cause: 'table' }),
    told: (change) => eventTrail.record(changeEvent(change, clock.nowMs())),
    group: feedGroup(config),
    watchedTables,
    clock,
    log,
  });
  app.decorate('changes', watched);
  app.addHook('onReady', async () => {
    app.definitions.onTaken(() => {
      watchedTables.reset();
      watched.watch(sources());
    });
    app.definitions.onChecked(() => {
      watchedTables.look(sources(), declared());
    });
  });
  app.addHook('onClose', () => watched.close());
}

export default fp(changes, {
  name: 'changes',
  fastify: '5.x',
  dependencies: ['clock', 'definitions', 'dashboard-cache', 'event-trail'],
});
