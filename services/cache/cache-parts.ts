import type { Clock } from '../clock.js';
import type { FillSignals } from './fill-signals.js';
import type { Generations } from './generations.js';
import type { MemoryStore } from './memory-store.js';
import type { CacheObserver } from './observer.js';
import type { RedisStore } from './redis-store.js';

/** What a cache is put together from. */
export interface CacheParts {
  readonly memory: MemoryStore;
  /** Null without Redis. */
  readonly redis: RedisStore | null;
  readonly generations: Generations;
  readonly clock: Clock;
  readonly observer: CacheObserver;
  /** Gives [0, 1); spreads the instants at which entries become stale. */
  readonly random: () => number;
  /** Tells when loads of other processes end. Default: nobody does, and whoever waits asks again and again. */
  readonly signals?: FillSignals;
}
