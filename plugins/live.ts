import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import { problemOf } from '../services/http/problem.js';
import type { LiveQuestion } from '../services/live/live-dashboard.js';
import { LiveDashboards } from '../services/live/live-dashboards.js';
import type { LiveStream } from '../services/live/live-stream.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Who looks on live. */
    live: LiveDashboards;
  }
  interface FastifyRequest {
    /**
     * The events of this reader; throws when there are too many readers. What he asks is asked again with every heartbeat: a period goes
     * on with the time, and a right may be lost.
     */
    openLive(asks: () => LiveQuestion): LiveStream;
  }
}

export interface LiveOptions {
  /** Live readers at once in this process. */
  readonly maxReadersCount: number;
}

/** The live streams of this process: fed by the cache's own news, ended when the service drains or has other definitions. */
async function live(app: FastifyInstance, { maxReadersCount }: LiveOptions): Promise<void> {
  const { clock, log } = app;
  const dashboards = new LiveDashboards({ reads: app.dashboardCache.service, clock, log, maxReadersCount });
  app.decorate('live', dashboards);
  app.decorateRequest('openLive', function openLive(asks) {
    // What came before the end of listening would keep it waiting.
    if (app.lifecycle.phase === 'draining') throw new DashcacheError('starting_or_draining');
    const { id, raw, headers } = this;
    const held = headers['last-event-id'];
    const reader = {
      asks: () => {
        this.checkAccessAgain();
        return asks();
      },
      problemOf: (error: DashcacheError) => problemOf(error, { id, url: raw.url ?? '' }),
      endsAtMs: this.identity?.expiresAtMs ?? null,
      heldId: Array.isArray(held) ? held[0] : held,
    };
    return dashboards.open(reader, asks());
  });
  // The first call is about those in force now.
  app.definitions.onTaken(() => dashboards.finish('reload'));
  app.addHook('preClose', async () => dashboards.finish('drain'));
  app.addHook('onClose', async () => dashboards.close());
}

export default fp(live, {
  name: 'live',
  fastify: '5.x',
  dependencies: ['clock', 'lifecycle', 'definitions', 'dashboard-cache', 'identity', 'access'],
});
