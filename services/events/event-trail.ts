import type { CacheEvent, EventKind } from './events-schema.js';
import { EVENT_KINDS } from './events-schema.js';

/** Enough to see the last minutes of a busy process; each about half a KiB. */
const PER_KIND_COUNT = 500;

/** Where what happened to the cache is remembered. Never throws. */
export interface EventRecorder {
  record(event: CacheEvent): void;
}

/**
 * The recent invalidations, refreshes, switches and the like of this process, bounded. Each kind has a ring of its own, so that
 * thousands of refreshes do not push out the one invalidation that caused them.
 */
export class EventTrail implements EventRecorder {
  readonly #rings = new Map<EventKind, { readonly events: Numbered[]; next: number }>(
    EVENT_KINDS.map((kind) => [kind, { events: [], next: 0 }]),
  );
  readonly #perKindCount: number;
  #recorded = 0;

  constructor(options: { perKindCount?: number } = {}) {
    this.#perKindCount = options.perKindCount ?? PER_KIND_COUNT;
  }

  record(event: CacheEvent): void {
    const ring = this.#rings.get(event.kind);
    if (!ring) return;
    ring.events[ring.next] = { event, number: this.#recorded++ };
    ring.next = (ring.next + 1) % this.#perKindCount;
  }

  /** Since when nothing is left out; null: since its beginning. */
  completeSince(): string | null {
    const full = [...this.#rings.values()].filter(({ events }) => events.length === this.#perKindCount);
    const oldest = full.flatMap(({ events, next }) => events[next]?.event.at ?? []);
    return oldest.sort().at(-1) ?? null;
  }

  /** The newest first; of one kind only, if one is named. */
  recent({ kind, limitCount }: { kind?: EventKind | undefined; limitCount: number }): CacheEvent[] {
    const rings = kind === undefined ? [...this.#rings.values()] : [this.#rings.get(kind)];
    return rings
      .flatMap((ring) => ring?.events ?? [])
      .sort((a, b) => b.number - a.number)
      .slice(0, limitCount)
      .map(({ event }) => event);
  }
}

/** Two events of one millisecond keep their order. */
interface Numbered {
  readonly event: CacheEvent;
  readonly number: number;
}

export const silentTrail: EventRecorder = { record: () => {} };
