import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { CacheRequest } from './request.js';

const KEYS_MAX_COUNT = 10_000;
/** A key that nobody has read for so long is not live any more. */
const LIVE_MS = 10 * 60_000;
/** A read counts half after so long. */
const HALF_LIFE_MS = 60_000;

interface Use {
  request: CacheRequest;
  /** Reads, as they counted at the last one. */
  heat: number;
  atMs: number;
}

/** Which keys live readers have asked for of late, and how often. */
export class RecentReads {
  readonly #clock: Clock;
  readonly #uses = new LRUCache<string, Use>({ max: KEYS_MAX_COUNT });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(request: CacheRequest): void {
    const atMs = this.#clock.monotonicMs();
    const use = this.#uses.get(request.key.hash);
    if (!use) {
      this.#uses.set(request.key.hash, { request, heat: 1, atMs });
      return;
    }
    use.heat = heatAt(use, atMs) + 1;
    use.atMs = atMs;
    use.request = request;
  }

  get isEmpty(): boolean {
    return this.#uses.size === 0;
  }

  /** Whether somebody has read it within that time, and may do so again. */
  isLive({ key }: CacheRequest, withinMs: number): boolean {
    const use = this.#uses.peek(key.hash);
    return use !== undefined && this.#clock.monotonicMs() - use.atMs < withinMs && isWanted(use);
  }

  /** What is live, the hottest first. What nobody can ask for any more is forgotten. */
  hottestFirst(withinMs = LIVE_MS): CacheRequest[] {
    const nowMs = this.#clock.monotonicMs();
    for (const [hash, use] of this.#uses) if (!isWanted(use)) this.#uses.delete(hash);
    return [...this.#uses.values()]
      .filter(({ atMs }) => nowMs - atMs < withinMs)
      .map((use) => ({ request: use.request, heat: heatAt(use, nowMs) }))
      .sort((a, b) => b.heat - a.heat)
      .map(({ request }) => request);
  }
}

function isWanted({ request }: Use): boolean {
  return request.isWanted?.() !== false;
}

function heatAt({ heat, atMs }: Use, nowMs: number): number {
  return heat * 2 ** ((atMs - nowMs) / HALF_LIFE_MS);
}
