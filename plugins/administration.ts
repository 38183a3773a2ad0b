import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { Administration } from '../services/administration.js';

declare module 'fastify' {
  interface FastifyInstance {
    administration: Administration;
    /** Aborts when the caller hangs up or the service stops: what nobody waits for any more is not begun. */
    abandonedBy(reply: FastifyReply): AbortSignal;
  }
}

export interface AdministrationOptions {
  readonly config: Pick<Config, 'cacheEnabled' | 'basePath'>;
}

/** What administrators may do while the service serves: invalidate, warm, switch, explain. */
async function administration(app: FastifyInstance, { config }: AdministrationOptions): Promise<void> {
  const { dashboardCache, eventTrail, clock, warming } = app;
  app.decorate(
    'administration',
    new Administration({
      ...dashboardCache,
      trail: eventTrail,
      warming,
      clock,
      definitions: () => app.definitions.current,
      tablesOf: (panel) => app.definitions.tablesOf(panel),
      tablesVerdictOf: (panel) => app.definitions.tablesVerdictOf(panel),
      cacheEnabled: config.cacheEnabled,
      basePath: config.basePath,
    }),
  );
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  app.decorate('abandonedBy', ({ raw }) => {
    const hungUp = new AbortController();
    raw.once('close', () => raw.writableFinished || hungUp.abort());
    return AbortSignal.any([stopping.signal, hungUp.signal]);
  });
}

export default fp(administration, {
  name: 'administration',
  fastify: '5.x',
  dependencies: ['clock', 'definitions', 'dashboard-cache', 'event-trail', 'warming'],
});
