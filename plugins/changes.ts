import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { feedGroup } from '../services/changes/feed-group.js';
import { watchedSource } from '../services/changes/watched-source.js';
import { WatchedSources } from '../services/changes/watched-sources.js';

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
  const { clock, log, dashboardCache } = app;
  const watched = new WatchedSources({
    declared: () => ({
      dashboards: app.definitions.current.dashboards.values(),
      tablesOf: (panel) => app.definitions.tablesOf(panel),
      modeOf: ({ policy }) => (policy.maxStalenessMs === 0 ? 'purge' : 'expire'),
    }),
    invalidate: (tags, mode) =>
      dashboardCache.service.invalidate(tags, { mode, wait: false, cause: 'table' }),
    group: feedGroup(config),
    clock,
    log,
  });
  app.decorate('changes', watched);
  app.addHook('onReady', async () => {
    app.definitions.onTaken(() => {
      watched.watch(
        [...app.definitions.current.sources.values()].flatMap((source) => watchedSource(source) ?? []),
      );
    });
  });
  app.addHook('onClose', () => watched.close());
}

export default fp(changes, {
  name: 'changes',
  fastify: '5.x',
  dependencies: ['clock', 'definitions', 'dashboard-cache'],
});
