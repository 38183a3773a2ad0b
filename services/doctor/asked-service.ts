import type { CacheEvent } from '../events/events-schema.js';
import type { ExplainedEntry } from '../explain/entries-schema.js';
import type { StatisticsBody } from '../statistics/report-schema.js';
import type { SwitchStates } from '../switches/switch-schema.js';
import { type Gathered, type Known, known, lookedAt, unknown } from './facts.js';
import { parseExposition } from './parse-exposition.js';

/** A running service, as a doctor asks it over HTTP. Every method rejects with what a person can read where it cannot be asked. */
export interface AskedService {
  readonly address: string;
  /** What does not work, and what its clock showed. */
  ready(): Promise<{ readonly degraded: readonly string[]; readonly clockAheadMs: number }>;
  version(): Promise<string>;
  statistics(): Promise<StatisticsBody>;
  /** The text for Prometheus. */
  exposition(): Promise<string>;
  switches(): Promise<SwitchStates>;
  /** The newest first, of the kinds that tell of loads and invalidations. */
  events(): Promise<readonly CacheEvent[]>;
  /** What it holds for these addresses of panels. */
  entries(addresses: readonly string[]): Promise<Known<readonly ExplainedEntry[]>>;
}

export type ServiceFacts = Pick<
  Gathered,
  'service' | 'running' | 'monitoring' | 'statistics' | 'figures' | 'switches' | 'events'
>;

const NOT_STARTED = unknown('it is only known of a service that runs');

/** Before there is a service. */
export const NO_SERVICE: ServiceFacts = {
  service: NOT_STARTED,
  running: NOT_STARTED,
  monitoring: NOT_STARTED,
  statistics: NOT_STARTED,
  figures: NOT_STARTED,
  switches: NOT_STARTED,
  events: NOT_STARTED,
};

/** Asks a service for all of it. Never rejects for what it is not told. */
export async function serviceFacts(service: AskedService): Promise<ServiceFacts> {
  const { address } = service;
  const ready = await lookedAt(() => service.ready());
  if (!ready.known) {
    const away = unknown('the service does not answer');
    return {
      service: known({ address, problem: ready.reason, refusal: null }),
      running: away,
      monitoring: away,
      statistics: away,
      figures: away,
      switches: away,
      events: away,
    };
  }
  const [version, statistics, exposition, switches, events] = await Promise.all([
    lookedAt(() => service.version()),
    lookedAt(() => service.statistics()),
    lookedAt(() => service.exposition()),
    lookedAt(() => service.switches()),
    lookedAt(() => service.events()),
  ]);
  const refused = [statistics, exposition, switches, events].find((fact) => !fact.known);
  return {
    service: known({ address, problem: null, refusal: refused?.known === false ? refused.reason : null }),
    running: version.known ? known({ ...ready.value, version: version.value }) : version,
    monitoring: statistics.known ? known({ isOn: statistics.value.enabled }) : statistics,
    statistics: enabled(statistics),
    figures: exposition.known ? known(parseExposition(exposition.value)) : exposition,
    switches,
    events,
  };
}

function enabled(statistics: Known<StatisticsBody>): ServiceFacts['statistics'] {
  if (!statistics.known) return statistics;
  const { value } = statistics;
  return value.enabled ? known(value) : unknown('the service runs with CACHE_MONITORING=false');
}
