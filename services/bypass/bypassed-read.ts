import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService, PanelRequest } from '../dashboard-cache-service.js';
import { movedNames, type PanelRead, previousBindsOf } from '../panel-read.js';
import type { Bypassed } from './bypass-schema.js';

export interface BypassParts {
  readonly service: Pick<DashboardCacheService, 'look' | 'bypass'>;
  readonly clock: Clock;
}

type BypassedPanel = Bypassed['panels'][number];

/** Reads panels side by side as readers would without a cache: nothing is stored, and no read is counted. */
export async function bypassedRead(
  requests: readonly PanelRequest[],
  { service, clock }: BypassParts,
): Promise<Pick<Bypassed, 'duration_ms' | 'panels'>> {
  const startMs = clock.monotonicMs();
  const panels = requests.map(async (request): Promise<BypassedPanel> => {
    const told = { panel: request.panel.id, queries: queriesCountOf(service.look(request).read) };
    const ended = await service.bypass(request).then(
      ({ entry }) => ({ bytes: entry.body.identityBytes, problem: null }),
      (error: unknown) => ({ bytes: 0, problem: error instanceof DashcacheError ? error.code : 'internal' }),
    );
    return { ...told, ...ended, duration_ms: clock.monotonicMs() - startMs };
  });
  return { panels: await Promise.all(panels), duration_ms: clock.monotonicMs() - startMs };
}

/** How many queries one load asks: those of the period before are only asked where that changes what they bind. */
function queriesCountOf(read: PanelRead): number {
  const { queries, values } = read.panel;
  const compares = [...values.values()].some(({ compare }) => compare === 'previous_period');
  if (!compares || previousBindsOf(read) === null) return queries.length;
  const moved = new Set(movedNames(read));
  const periodic = queries.filter(({ statement }) => statement.names.some((name) => moved.has(name)));
  return queries.length + periodic.length;
}
