import type { Entry } from './entry.js';
import type { Flights } from './flights.js';
import type { Generations } from './generations.js';
import type { InspectedCopy, Inspection, Outlook } from './inspection.js';
import type { Judge } from './judge.js';
import type { MemoryStore } from './memory-store.js';
import type { RedisStore } from './redis-store.js';
import type { Refresher } from './refresher.js';
import type { CacheRequest } from './request.js';

export interface InspectorParts {
  readonly memory: MemoryStore;
  readonly redis: RedisStore | null;
  readonly generations: Generations;
  readonly judge: Judge;
  readonly refresher: Refresher;
  readonly flights: Flights;
}

/** Looks at what is kept of a key, and at what is done to renew it. Loads nothing, counts nothing and moves nothing. */
export class Inspector {
  readonly #parts: InspectorParts;

  constructor(parts: InspectorParts) {
    this.#parts = parts;
  }

  async inspect(request: CacheRequest): Promise<Inspection> {
    const { generations, memory, redis, flights } = this.#parts;
    const { proven } = await generations.prove(request.tags);
    const isLoadedHere = () => flights.get(request.key.hash) !== undefined;
    const isOurs = isLoadedHere();
    const [l2, leaseMs] =
      proven && redis
        ? await Promise.all([redis.peek(request.key), redis.leaseLeftMs(request.key)])
        : [null, null];
    return {
      l1: this.#inspected(memory.peek(request.key.hash), request),
      l2: this.#inspected(l2, request),
      isSwitchedOff: generations.isSwitchedOff(request.tags),
      isIsolated: generations.isIsolated,
      leasedForMs: isOurs || isLoadedHere() ? null : leaseMs,
    };
  }

  outlook(request: CacheRequest): Outlook {
    const { refresher, flights, judge, memory } = this.#parts;
    const { hash } = request.key;
    const { overdueAtMs, verdict } = judge.of(memory.peek(hash), request);
    const hasContract = verdict !== null && Number.isFinite(overdueAtMs);
    return {
      ...refresher.outlookOf(request),
      // Of readers, who wait for it.
      ...(flights.get(hash) && { is: 'running' }),
      overdueAtMs: hasContract ? overdueAtMs : null,
    };
  }

  #inspected(entry: Entry | undefined | null, request: CacheRequest): InspectedCopy | null {
    const { verdict, ...judged } = this.#parts.judge.of(entry, request);
    const { use, staleAtMs, isOverdue } = judged;
    return entry && verdict ? { entry, use, staleAtMs, isOverdue, verdict } : null;
  }
}
