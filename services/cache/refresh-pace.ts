import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { CachePolicy } from './policy.js';

const KEYS_MAX_COUNT = 10_000;
/** From one refresh of a key to the next while its content changes. */
const SHORTEST_MS = 200;
/** The longest for content that stays equal, without a contract and with one. */
const LONGEST_MS = 10_000;
const LONGEST_SHARE = 1 / 2;

interface Pace {
  begunAtMs: number;
  periodMs: number;
  isDeferred: boolean;
}

/** How soon a key may be refreshed again: what was loaded in vain is left alone for longer, within its contract. */
export class RefreshPace {
  readonly #clock: Clock;
  readonly #paces = new LRUCache<string, Pace>({ max: KEYS_MAX_COUNT });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 when it may be now. */
  opensInMs(keyHash: string): number {
    const pace = this.#paces.get(keyHash);
    return pace ? Math.max(0, pace.begunAtMs + pace.periodMs - this.#clock.monotonicMs()) : 0;
  }

  isDeferred(keyHash: string): boolean {
    return this.#paces.get(keyHash)?.isDeferred === true;
  }

  begun(keyHash: string): void {
    const periodMs = this.#paces.get(keyHash)?.periodMs ?? SHORTEST_MS;
    this.#paces.set(keyHash, { begunAtMs: this.#clock.monotonicMs(), periodMs, isDeferred: false });
  }

  /** It did not come to a load: soon again. */
  deferred(keyHash: string): void {
    const pace = this.#paces.get(keyHash);
    if (!pace) return;
    pace.begunAtMs = this.#clock.monotonicMs() - pace.periodMs + SHORTEST_MS;
    pace.isDeferred = true;
  }

  ended(keyHash: string, { isEqual, policy }: { isEqual: boolean; policy: CachePolicy }): void {
    const pace = this.#paces.get(keyHash);
    if (!pace) return;
    const { maxStalenessMs } = policy;
    const longestMs = maxStalenessMs === null ? LONGEST_MS : maxStalenessMs * LONGEST_SHARE;
    pace.periodMs = isEqual ? Math.max(SHORTEST_MS, Math.min(longestMs, 2 * pace.periodMs)) : SHORTEST_MS;
  }
}
