import { type TSchema, Type } from '@sinclair/typebox';
import { loadOptions } from '../config/load-options.js';
import { loadConfig } from '../config.js';
import { EventsSchema } from '../services/events/events-schema.js';
import type { Seen } from '../services/report/checklist.js';
import type { SuccessReport } from '../services/report/success-report.js';
import type { EnabledStatisticsBody } from '../services/statistics/report-schema.js';
import { type SwitchStates, SwitchStatesSchema } from '../services/switches/switch-schema.js';
import { absentDefinitions } from './absent-definitions.js';
import { inspectDefinitions } from './inspect-definitions.js';
import type { Question, ServiceClient } from './service-client.js';
import { ServiceFailure } from './service-failure.js';
import type { Terminal } from './terminal.js';

const ReadySchema = Type.Object({ degraded: Type.Array(Type.String()) });
/** What asks for an administrator says so by one of these. */
const CLOSED: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'administration_closed']);

/** Looks at everything that the checklist ticks boxes by. What is closed to this caller is left open. */
export async function seenService(
  service: ServiceClient,
  told: {
    readonly report: SuccessReport;
    readonly statistics: EnabledStatisticsBody;
    readonly terminal: Terminal;
  },
): Promise<Seen> {
  const { report, statistics, terminal } = told;
  const [{ degraded }, switches, switched, invalidated] = await Promise.all([
    service.ask({ path: '/health/ready', answer: ReadySchema }),
    ifOpen(service, { path: '/cache/switch', answer: SwitchStatesSchema }),
    ifOpen(service, { path: '/cache/events?kind=switch&limit=500', answer: EventsSchema }),
    ifOpen(service, { path: '/cache/events?kind=invalidation&limit=500', answer: EventsSchema }),
  ]);
  if (switches === null)
    terminal.err('Closed without the ADMIN_TOKEN of the service: what only administrators see stays open');
  const flushes = invalidated?.events.filter(
    (event) => event.kind === 'invalidation' && event.scopes.some(({ scope }) => scope === 'all'),
  );
  const { redis, cache_stats } = statistics;
  return {
    report,
    definitions: await definitionsHere(),
    degraded,
    redis: redis && { entries: redis.entries, bytes: redis.bytes },
    hits: cache_stats.hits,
    requests: cache_stats.total_requests,
    switchedOff: switches && switchedOff(switches),
    rehearsed: switched && flushes ? { switches: switched.events.length, flushes: flushes.length } : null,
  };
}

async function ifOpen<S extends TSchema>(service: ServiceClient, question: Question<S>) {
  try {
    return await service.ask(question);
  } catch (error) {
    if (error instanceof ServiceFailure && CLOSED.has(error.code)) return null;
    throw error;
  }
}

function switchedOff({ dashboards }: SwitchStates): string[] {
  return dashboards.flatMap(({ dashboard, panels }) =>
    panels.filter(({ enabled }) => !enabled).map(({ panel }) => `${dashboard}/${panel}`),
  );
}

/** As `dashcache validate` sees them; null where the definitions are not on this machine. */
async function definitionsHere(): Promise<Seen['definitions']> {
  const config = loadConfig();
  if ((await absentDefinitions(config.configFolder)) !== null) return null;
  const { definitions, faults, absent } = await inspectDefinitions(config.configFolder, loadOptions(config));
  const dashboards = [...(definitions?.dashboards.values() ?? [])];
  return {
    dashboardsCount: dashboards.length,
    panelsCount: dashboards.reduce((count, { panels }) => count + panels.size, 0),
    faultsCount: faults.length,
    absentSources: absent.map(({ source }) => source),
  };
}
