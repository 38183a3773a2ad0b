import { COUNTERS, READ_COUNTER_NAMES, type ReadCounters } from '../../../services/statistics/counters.js';
import type { EnabledStatisticsBody, HistoryBody } from '../../../services/statistics/report-schema.js';
import type { Answer } from './ask.js';

interface Asked {
  get(path: string): Promise<Answer>;
}

/** Read counters by `dashboard/panel`, those with reads only. */
export type CountersByPanel = Readonly<Record<string, ReadCounters>>;

export async function statisticsOf(asked: Asked): Promise<EnabledStatisticsBody> {
  return (await asked.get('/reports/cache-statistics/')).json<EnabledStatisticsBody>();
}

export async function historyOf(asked: Asked): Promise<Extract<HistoryBody, { enabled: true }>> {
  return (await asked.get('/reports/cache-history')).json();
}

/** The counters of the panels in a statistics body. */
export function countersOf(body: EnabledStatisticsBody): CountersByPanel {
  const read = body.panels.filter((panel) => panel.total_requests > 0);
  return Object.fromEntries(read.map((panel) => [`${panel.dashboard}/${panel.panel}`, onlyCounters(panel)]));
}

export function onlyCounters(given: ReadCounters): ReadCounters {
  return Object.fromEntries(READ_COUNTER_NAMES.map((name) => [name, given[name]])) as ReadCounters;
}

/** The same from the text of /metrics of one or several processes. */
export function countersOfPrometheus(texts: readonly string[]): CountersByPanel {
  const byPanel: Record<string, ReadCounters> = {};
  const sample =
    /^dashcache_reads_total\{dashboard="([^"]+)",panel="([^"]+)",outcome="(\w+)",layer="\w+"\} (\d+)$/gm;
  for (const text of texts)
    for (const [, dashboard, panel, outcome, count] of text.matchAll(sample))
      if (count !== '0') addReads(byPanel, `${dashboard}/${panel}`, String(outcome), Number(count));
  return byPanel;
}

/** Adds reads of one outcome to every counter that it is part of. */
export function addReads(
  byPanel: Record<string, ReadCounters>,
  ...[panel, outcome, count]: [panel: string, outcome: string, count: number]
): void {
  const counters = byPanel[panel] ?? noReads();
  byPanel[panel] = counters;
  for (const name of READ_COUNTER_NAMES)
    if ((COUNTERS.reads[name].outcomes as readonly string[]).includes(outcome)) counters[name] += count;
}

export function sumOf(byPanel: CountersByPanel): ReadCounters {
  const sum = noReads();
  for (const counters of Object.values(byPanel))
    for (const name of READ_COUNTER_NAMES) sum[name] += counters[name];
  return sum;
}

function noReads(): ReadCounters {
  return Object.fromEntries(READ_COUNTER_NAMES.map((name) => [name, 0])) as ReadCounters;
}
