import type { CacheAnswer } from '../../services/cache/answer.js';
import { DashboardCacheService } from '../../services/dashboard-cache-service.js';
import { EventTrail } from '../../services/events/event-trail.js';
import { RefreshNotes } from '../../services/events/refresh-notes.js';
import { LoadShedder } from '../../services/pressure/load-shedder.js';
import type { CachedSource } from './cache-panels.js';
import { type CacheRoom, cacheRoom, textOf } from './cache-room.js';

export interface CachedService extends CacheRoom {
  readonly service: DashboardCacheService;
  /** Tables by panel id; what is not named reads `tasks`. */
  readonly tables: Map<string, readonly string[]>;
  isEnabled: boolean;
  /** Of every table. */
  toldToMs: number;
  readonly trail: EventTrail;
  /** Whether the process has more to do than it can. */
  readonly pressure: { isHigh: boolean };
}

/** The service on these sources, with memory alone behind it. */
export function serviceOf(...sources: readonly CachedSource[]): CachedService {
  const room = cacheRoom();
  const tables = new Map<string, readonly string[]>();
  const made = {
    ...room,
    tables,
    isEnabled: true,
    toldToMs: Number.NEGATIVE_INFINITY,
    trail: new EventTrail(),
    pressure: { isHigh: false },
  };
  const service = new DashboardCacheService({
    isDeclared: () => true,
    cache: room.cache,
    sourceOf: (name) => sources.find((source) => source.name === name),
    tablesOf: (panel) => tables.get(panel.id) ?? ['tasks'],
    toldToMs: () => made.toldToMs,
    isEnabled: () => made.isEnabled,
    shedder: new LoadShedder({
      pressure: made.pressure,
      shed: () => room.observer.event('shed_loads'),
    }),
    refreshes: new RefreshNotes({ trail: made.trail, clock: room.clock }),
    clock: room.clock,
  });
  return Object.assign(made, { service });
}

/** The JSON of an answer. */
export function bodyOf(answer: CacheAnswer): {
  data?: unknown;
  previous?: unknown;
  params?: unknown;
  generated_at?: unknown;
  options?: unknown;
} {
  return JSON.parse(textOf(answer));
}
