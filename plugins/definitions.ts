import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.js';
import { loadDefinitions } from '../services/definitions/load-definitions.js';
import type { Definitions, Panel } from '../services/definitions/model.js';

declare module 'fastify' {
  interface FastifyInstance {
    definitions: DefinitionsInForce;
  }
}

export interface DefinitionsInForce {
  readonly current: Definitions;
  /** Whether the files say something else by now, which was refused. */
  readonly reloadFailed: boolean;
  /** Tables that a panel is known to read. */
  tablesOf(panel: Panel): readonly string[];
}

export interface DefinitionsPluginOptions {
  readonly config: Pick<
    Config,
    'configFolder' | 'definitionEnvironment' | 'explicit' | 'metricsTtlMs' | 'chartTtlMs' | 'summaryTtlMs'
  >;
}

/** Loads the definitions: faults refuse the start; a reload with faults keeps the last good ones. */
async function definitions(app: FastifyInstance, { config }: DefinitionsPluginOptions): Promise<void> {
  const load = () =>
    loadDefinitions(config.configFolder, {
      environment: config.definitionEnvironment,
      ttls: ttlsOf(config),
    });
  const current = await load();
  app.sources.prepare(current).use();
  app.decorate('definitions', { current, reloadFailed: false, tablesOf: () => [] });
}

/** The settings that say how long panels stay fresh where no definition does. */
function ttlsOf({ explicit, metricsTtlMs, chartTtlMs, summaryTtlMs }: DefinitionsPluginOptions['config']) {
  const ttl = (ms: number, setting: string) => ({ ms, setting, explicit: explicit.has(setting) });
  return {
    metrics: ttl(metricsTtlMs, 'METRICS_TIMEOUT'),
    chart: ttl(chartTtlMs, 'CHART_DATA_TIMEOUT'),
    summary: ttl(summaryTtlMs, 'SUMMARY_TIMEOUT'),
  };
}

export default fp(definitions, { name: 'definitions', fastify: '5.x', dependencies: ['sources'] });
