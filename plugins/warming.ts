import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { newProcessId } from '../services/cache/stamp.js';
import type { Panel } from '../services/definitions/model.js';
import { DashboardWarming } from '../services/warming/dashboard-warming.js';
import { OwnRunMarks, RedisRunMarks } from '../services/warming/run-marks.js';
import { Warmer } from '../services/warming/warmer.js';
import { contentOf, deployedRun, scheduledRun, type WarmingRun } from '../services/warming/warming-run.js';
import { WarmingRuns } from '../services/warming/warming-runs.js';
import { WarmingSchedules } from '../services/warming/warming-schedules.js';

declare module 'fastify' {
  interface FastifyInstance {
    warming: Warming;
  }
}

export interface Warming {
  /** Warms in the background, once over all processes. */
  ask(run: WarmingRun): void;
  /** When the schedule of a dashboard comes next (wall clock, ms); null: it has none. */
  nextAtMs(dashboardId: string): number | null;
}

export interface WarmingPluginOptions {
  readonly config: Pick<Config, 'redisPrefix'>;
}

/** Loads panels before anyone asks: at the times that the definitions name, after a deploy, and after load jobs that ask for it. */
async function warming(app: FastifyInstance, { config }: WarmingPluginOptions): Promise<void> {
  const { clock, log, dashboardCache, eventTrail: trail, observer, observedReads } = app;
  const { client: redis } = app.redisConnection;
  const definitions = () => app.definitions.current;
  const dashboardWarming = new DashboardWarming({
    warmer: new Warmer({ service: dashboardCache.service, definitions, clock }),
    observed: observedReads,
    definitions,
    trail,
    count: (event, count) => {
      for (let each = 0; each < count; each++) observer.event(event);
    },
    clock,
    log,
  });
  const prefix = config.redisPrefix;
  const marks = redis
    ? new RedisRunMarks({ redis, prefix, processId: newProcessId(), clock })
    : new OwnRunMarks(clock);
  const warm = (run: WarmingRun, signal: AbortSignal) => dashboardWarming.warm(run, signal);
  const runs = new WarmingRuns({ marks, warm, clock, log });
  const tablesOf = (panel: Panel) => app.definitions.tablesOf(panel);
  const schedules = new WarmingSchedules({
    clock,
    due(dashboardId, atMs) {
      const dashboard = definitions().dashboards.get(dashboardId);
      if (dashboard) runs.ask(scheduledRun(dashboardId, { atMs, content: contentOf(dashboard, tablesOf) }));
    },
  });
  app.decorate('warming', {
    ask: (run) => runs.ask(run),
    nextAtMs: (dashboardId) => schedules.nextAtMs(dashboardId),
  });
  app.addHook('onReady', async () => {
    app.definitions.onTaken(() => schedules.declare(definitions().dashboards.values()));
    warmDeploys(app, { tablesOf, ask: (run) => runs.ask(run) });
  });
  // Before the sources and Redis are closed: what is given up can be given back.
  app.addHook('preClose', async () => {
    schedules.close();
    await runs.close();
  });
}

/** Which tables a panel reads is part of its key: what is loaded before that is known, nobody would find. */
function warmDeploys(
  app: FastifyInstance,
  { tablesOf, ask }: { tablesOf: (panel: Panel) => readonly string[]; ask: (run: WarmingRun) => void },
): void {
  const warmed = new Map<string, string>();
  app.definitions.onChecked(() => {
    for (const dashboard of app.definitions.current.dashboards.values()) {
      if (!dashboard.warming?.afterDeploy) continue;
      const content = contentOf(dashboard, tablesOf);
      if (warmed.get(dashboard.id) === content) continue;
      warmed.set(dashboard.id, content);
      ask(deployedRun(dashboard.id, content));
    }
  });
}

export default fp(warming, {
  name: 'warming',
  fastify: '5.x',
  dependencies: [
    'clock',
    'redis',
    'statistics',
    'definitions',
    'dashboard-cache',
    'event-trail',
    'observed-reads',
  ],
});
