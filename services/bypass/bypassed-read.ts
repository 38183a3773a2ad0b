import { DashcacheError } from '../../errors.js';
import type { Clock } from '../clock.js';
import type { DashboardCacheService, PanelRequest } from '../dashboard-cache-service.js';
import { queriesCountOf } from '../panel-read.js';
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
