import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Baseline } from '../services/report/baseline.js';
import { likelyReads } from '../services/report/likely-reads.js';
import { loggedRequest } from '../services/report/logged-request.js';
import { RequestSample } from '../services/report/request-sample.js';
import { PeriodsBodySchema, StatisticsBodySchema } from '../services/statistics/report-schema.js';
import { type Catalogue, CatalogueSchema, OptionsSchema } from './catalogue-schema.js';
import { CommandFailure } from './command-failure.js';
import { EXIT } from './exit-codes.js';
import type { ServiceClient } from './service-client.js';
import { ServiceFailure } from './service-failure.js';

/** What readers ask. */
export interface BaselineTraffic {
  readonly kind: Baseline['traffic'];
  readonly addresses: readonly string[];
  /** null: nobody tells. */
  readonly requestsPerMinute: number | null;
  /** Panel reads of the last day by minute, as the service counts them; null where it does not. */
  readonly readsPerMinute: number | null;
}

interface Wanted {
  readonly count: number;
  readonly seed: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const TENANTS_MAX_COUNT = 1000;

/** The requests of an access log, by chance. */
export async function trafficOfLog(
  service: ServiceClient,
  file: string,
  { count, seed }: Wanted,
): Promise<BaselineTraffic> {
  const sample = new RequestSample({ maxCount: count, seed });
  try {
    const lines = createInterface({
      input: createReadStream(file, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) {
      const request = loggedRequest(line);
      if (request) sample.add(request);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailure(`The access log ${file} cannot be read (${code})`, EXIT.usage, error);
  }
  if (sample.seenCount === 0)
    throw new CommandFailure(
      `${file} has no read of a dashboard that was answered: it takes the common or the combined format, or LOG_FILE`,
      EXIT.usage,
    );
  return {
    kind: 'access_log',
    addresses: sample.addresses,
    requestsPerMinute: sample.requestsPerMinute,
    readsPerMinute: await readsPerMinuteOf(service),
  };
}

/** The panels of the service as often as they were read, with their default parameters. */
export async function trafficOfStatistics(service: ServiceClient, wanted: Wanted): Promise<BaselineTraffic> {
  const [catalogue, statistics, readsPerMinute] = await Promise.all([
    service.ask({ path: '/dashboards', answer: CatalogueSchema }),
    service.ask({ path: '/reports/cache-statistics/', answer: StatisticsBodySchema }),
    readsPerMinuteOf(service),
  ]);
  const counts = new Map(
    (statistics.enabled ? statistics.panels : []).map((panel) => [
      JSON.stringify([panel.dashboard, panel.panel]),
      panel.total_requests,
    ]),
  );
  const panels = [];
  for (const dashboard of catalogue.dashboards) {
    const queries = await queriesOf(service, dashboard);
    for (const { id } of dashboard.panels)
      panels.push({
        addresses: queries.map((query) => `/dashboards/${encodeURIComponent(dashboard.id)}/${id}${query}`),
        readsCount: counts.get(JSON.stringify([dashboard.id, id])) ?? 0,
      });
  }
  const addresses = likelyReads(panels, wanted);
  return { kind: 'statistics', addresses, requestsPerMinute: readsPerMinute, readsPerMinute };
}

/** One query for each tenant that has options. */
async function queriesOf(
  service: ServiceClient,
  { id, tenant }: Catalogue['dashboards'][number],
): Promise<string[]> {
  if (tenant === null) return [''];
  const path = `/dashboards/${encodeURIComponent(id)}/options/${encodeURIComponent(tenant)}`;
  try {
    const { options } = await service.ask({ path, answer: OptionsSchema });
    return options
      .slice(0, TENANTS_MAX_COUNT)
      .map(({ value }) => `?${encodeURIComponent(tenant)}=${encodeURIComponent(String(value))}`);
  } catch (error) {
    // Nobody tells the tenants: its panels are left out.
    if (error instanceof ServiceFailure && error.code === 'parameter_unknown') return [];
    throw error;
  }
}

async function readsPerMinuteOf(service: ServiceClient): Promise<number | null> {
  const since = new Date(Date.now() - DAY_MS).toISOString();
  const history = await service.ask({
    path: `/reports/cache-periods?since=${since}`,
    answer: PeriodsBodySchema,
  });
  if (!history.enabled || history.total.requests === 0) return null;
  return history.total.requests / history.total.minutes;
}
