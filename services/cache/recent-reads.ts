import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import type { CacheRequest } from './request.js';

/** What a request takes that is kept, as measured: its closures, parameters and tags. */
const REQUEST_BYTES = 3200;
/** Some 2,600: what live readers look at. */
const MAX_BYTES = 8 * 1024 * 1024;
/** While those that were read but once take more, they go first: ever new questions must not push out what is asked again and again. */
const ONCE_BYTES = MAX_BYTES / 4;
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

/** Which keys live readers have asked for of late, and how often: as many as fit into a few MiB, whatever is asked. */
export class RecentReads {
  readonly #clock: Clock;
  readonly #again = usesByHash();
  readonly #once = usesByHash();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `atMs`: on the monotonic clock. */
  note(request: CacheRequest, atMs = this.#clock.monotonicMs()): void {
    const { hash } = request.key;
    const use = this.#again.get(hash);
    if (use) {
      use.heat = heatAt(use, atMs) + 1;
      use.atMs = atMs;
      use.request = request;
      return;
    }
    const before = this.#once.peek(hash);
    this.#once.delete(hash);
    if (before) this.#again.set(hash, { request, heat: heatAt(before, atMs) + 1, atMs });
    else this.#once.set(hash, { request, heat: 1, atMs });
    this.#makeRoom();
  }

  get isEmpty(): boolean {
    return this.#once.size === 0 && this.#again.size === 0;
  }

  /** Whether somebody has read it within that time, and may do so again. */
  isLive({ key }: CacheRequest, withinMs: number): boolean {
    const use = this.#again.peek(key.hash) ?? this.#once.peek(key.hash);
    return use !== undefined && this.#clock.monotonicMs() - use.atMs < withinMs && isWanted(use);
  }

  /** What is live, the hottest first. What nobody can ask for any more is forgotten. */
  hottestFirst(withinMs = LIVE_MS): CacheRequest[] {
    const nowMs = this.#clock.monotonicMs();
    for (const uses of [this.#again, this.#once])
      for (const [hash, use] of uses) if (!isWanted(use)) uses.delete(hash);
    return [...this.#again.values(), ...this.#once.values()]
      .filter(({ atMs }) => nowMs - atMs < withinMs)
      .map((use) => ({ request: use.request, heat: heatAt(use, nowMs) }))
      .sort((a, b) => b.heat - a.heat)
      .map(({ request }) => request);
  }

  #makeRoom(): void {
    while (this.#once.calculatedSize + this.#again.calculatedSize > MAX_BYTES)
      (this.#once.calculatedSize > ONCE_BYTES ? this.#once : this.#again).pop();
  }
}

function usesByHash(): LRUCache<string, Use> {
  return new LRUCache({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ request }) => REQUEST_BYTES + (request.extraBytes ?? 0),
  });
}

function isWanted({ request }: Use): boolean {
  return request.isWanted?.() !== false;
}

function heatAt({ heat, atMs }: Use, nowMs: number): number {
  return heat * 2 ** ((atMs - nowMs) / HALF_LIFE_MS);
}
