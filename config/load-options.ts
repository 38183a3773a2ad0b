import type { Config } from '../config.js';

/** What loadDefinitions needs to know of the settings. */
export function loadOptions(config: Config) {
  const ttl = (ms: number, setting: string) => ({ ms, setting, explicit: config.explicit.has(setting) });
  return {
    environment: config.definitionEnvironment,
    ttls: {
      metrics: ttl(config.metricsTtlMs, 'METRICS_TIMEOUT'),
      chart: ttl(config.chartTtlMs, 'CHART_DATA_TIMEOUT'),
      summary: ttl(config.summaryTtlMs, 'SUMMARY_TIMEOUT'),
    },
  };
}
