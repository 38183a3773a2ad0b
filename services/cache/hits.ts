import type { CacheAnswer } from './answer.js';
import type { Entry } from './entry.js';
import type { Generations } from './generations.js';
import type { Judgement } from './judge.js';
import type { RedisStore } from './redis-store.js';

/** Makes answers of entries that are at hand. */
export class Hits {
  readonly #redis: RedisStore | null;
  readonly #generations: Generations;

  constructor(options: { redis: RedisStore | null; generations: Generations }) {
    this.#redis = options.redis;
    this.#generations = options.generations;
  }

  of(entry: Entry, { use, staleAtMs, verdict }: Judgement, layer: 'l1' | 'l2'): CacheAnswer {
    // Also for a hit in memory: whoever makes room in Redis must know what is in use.
    this.#redis?.noteRead(entry.keyHash);
    const isUnproven = this.#generations.isIsolated || verdict === 'lost';
    const outcome = isUnproven ? 'unproven_hit' : OUTCOME_OF_USE[use];
    return { entry, outcome, layer, staleAtMs, stored: false };
  }
}

const OUTCOME_OF_USE = {
  fresh: 'hit',
  stale: 'stale_hit',
  'stale-if-error': 'error_hit',
  unusable: 'error_hit',
} as const;
