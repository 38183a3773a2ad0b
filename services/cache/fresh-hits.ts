import type { Clock } from '../clock.js';
import type { CacheAnswer } from './answer.js';
import type { Generations } from './generations.js';
import type { Judge } from './judge.js';
import type { MemoryStore } from './memory-store.js';
import type { CacheObserver } from './observer.js';
import type { RecentReads } from './recent-reads.js';
import type { RedisStore } from './redis-store.js';
import type { CacheRequest } from './request.js';

export interface FreshHitsParts {
  readonly memory: MemoryStore;
  readonly redis: RedisStore | null;
  readonly generations: Generations;
  readonly judge: Judge;
  readonly reads: RecentReads;
  readonly clock: Clock;
  readonly observer: CacheObserver;
}

/** The part of a read that never waits: what is fresh in memory, and proven by what is known here. */
export class FreshHits {
  readonly #parts: FreshHitsParts;

  constructor(parts: FreshHitsParts) {
    this.#parts = parts;
  }

  /** The read, where it does not have to wait; null: it may have to. */
  read(request: CacheRequest): CacheAnswer | null {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    const answer = this.look(request);
    if (answer) this.count(request, startedMs, clock.monotonicMs() - startedMs);
    return answer;
  }

  /** What a read would answer at this moment; null: it may have to wait, or skips the cache. Counts and moves nothing. */
  look(request: CacheRequest): CacheAnswer | null {
    const { memory, generations, judge } = this.#parts;
    if (!generations.isTrusted || generations.isSwitchedOff(request.tags)) return null;
    const entry = memory.peek(request.key.hash);
    if (!entry) return null;
    const { use, staleAtMs } = judge.of(entry, request);
    if (use !== 'fresh') return null;
    return { entry, outcome: 'hit', layer: 'l1', staleAtMs, stored: false };
  }

  /** What it answered was a read, which began then (monotonic clock) and took so long. */
  count(request: CacheRequest, startedMs: number, tookMs: number): void {
    const { memory, redis, reads, observer } = this.#parts;
    reads.note(request, startedMs);
    memory.read(request.key.hash);
    // Whoever makes room in Redis must know what is in use.
    redis?.noteRead(request.key.hash);
    observer.operation('l1_read', tookMs);
  }
}
