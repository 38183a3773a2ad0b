import type { CacheAnswer } from './answer.js';
import type { Entry } from './entry.js';
import type { Generations } from './generations.js';
import type { Judgement } from './judge.js';
import type { Loader } from './loader.js';
import type { CacheObserver } from './observer.js';
import type { RedisStore } from './redis-store.js';

/** Makes answers of entries that are at hand. */
export class Hits {
  readonly #redis: RedisStore | null;
  readonly #generations: Generations;
  readonly #loader: Loader;
  readonly #observer: CacheObserver;

  constructor(options: {
    redis: RedisStore | null;
    generations: Generations;
    loader: Loader;
    observer: CacheObserver;
  }) {
    this.#redis = options.redis;
    this.#generations = options.generations;
    this.#loader = options.loader;
    this.#observer = options.observer;
  }

  of(entry: Entry, judged: Judgement, layer: 'l1' | 'l2'): CacheAnswer {
    const { use, staleAtMs, verdict } = judged;
    if (judged.isOverdue) this.#noteBreach(entry.keyHash);
    // Also for a hit in memory: whoever makes room in Redis must know what is in use.
    this.#redis?.noteRead(entry.keyHash);
    const isUnproven = this.#generations.isIsolated || verdict === 'lost';
    const outcome = isUnproven ? 'unproven_hit' : OUTCOME_OF_USE[use];
    return { entry, outcome, layer, staleAtMs, stored: false };
  }

  /** The contract gave way: to a source that fails, or to its budget. */
  #noteBreach(keyHash: string): void {
    this.#observer.event('contract_breaches');
    if (this.#loader.isRefused(keyHash)) this.#observer.event('budget_breaches');
  }
}

const OUTCOME_OF_USE = {
  fresh: 'hit',
  stale: 'stale_hit',
  'stale-if-error': 'error_hit',
  unusable: 'error_hit',
} as const;
