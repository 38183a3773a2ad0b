import type { Lifetime } from '../../helpers/lifetime.js';
import type { LoggedStatement } from './statement-log.js';
import { type WatchedService, watchedService } from './watched-service.js';

export interface StormWorldOptions {
  readonly panelsCount: number;
  /** Null: none. */
  readonly budgetPerMinuteCount: number | null;
  readonly maxStalenessMs: number;
  /** Default true. */
  readonly isCached?: boolean;
}

export interface StormWorld extends WatchedService {
  /** What panels asked of the database so far, by its own log. */
  queries(): Promise<readonly LoggedStatement[]>;
  /** The last row that the answer of a panel contains; null when there is no answer. */
  lastRow(panel: number): Promise<number | null>;
}

/** One panel for each table, which answers the id of the last row, so that an answer says which writes it lacks. */
export async function stormWorld(t: Lifetime, options: StormWorldOptions): Promise<StormWorld> {
  const { budgetPerMinuteCount, maxStalenessMs, isCached = true } = options;
  const tables = Array.from({ length: options.panelsCount }, (_empty, panel) => tableOf(panel));
  const service = await watchedService(t, {
    schema: tables.map((table) => `CREATE TABLE ${table} (id bigint PRIMARY KEY, note text);`).join('\n'),
    tables,
    source: budgetPerMinuteCount === null ? '' : `budget: ${budgetPerMinuteCount}/min`,
    defaults: `ttl: 1h, grace: 1h, stale_if_error: 24h, max_staleness: ${maxStalenessMs}ms`,
    dashboards: Object.fromEntries(tables.map((table) => [`${table}.yaml`, dashboardOf(table)])),
    environment: isCached ? {} : { CACHE_ENABLED: 'false' },
  });
  return Object.assign(service, {
    queries: () => service.statements.executed('AS last_row'),
    async lastRow(panel: number) {
      const answer = await service.ask(`/dashboards/${tableOf(panel)}/metrics`).catch(() => null);
      return answer?.status === 200 ? answer.json<{ data: { last_row: number } }>().data.last_row : null;
    },
  });
}

export function tableOf(panel: number): string {
  return `panel_${panel}`;
}

function dashboardOf(table: string): string {
  return `id: ${table}\nsource: main\nmetrics: { query: "SELECT coalesce(max(id), 0) AS last_row FROM ${table}" }\n`;
}
