import type { Entry } from './entry.js';
import type { Flight } from './flights.js';
import type { Generations, Proof } from './generations.js';
import type { Judge } from './judge.js';
import type { Loader } from './loader.js';
import type { MemoryStore } from './memory-store.js';
import type { RedisStore } from './redis-store.js';
import type { Refreshed, RefreshHow } from './refresher.js';
import type { Admitted, CacheRequest } from './request.js';

export interface UpkeepParts {
  readonly memory: MemoryStore;
  readonly redis: RedisStore | null;
  readonly generations: Generations;
  readonly judge: Judge;
  readonly loader: Loader;
  /** The flight that refreshes it, one that is under way already included. */
  readonly flightOf: (request: CacheRequest, proof: Proof) => Flight;
  /** Told of what another process has loaded, and memory has now. */
  readonly taken: (entry: Entry) => void;
}

/** One refresh of what is kept, under the limit of its source. */
export class Upkeep {
  readonly #parts: UpkeepParts;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** When what memory has of it will be too old to be served at once; null when it is fresh, absent or not to be loaded now. */
  tooOldAtMs(request: CacheRequest): number | null {
    const { memory, judge, loader } = this.#parts;
    const held = memory.peek(request.key.hash);
    const { use, staleAtMs, verdict, overdueAtMs } = judge.of(held, request);
    if (!held || use === 'fresh' || verdict === 'purged' || loader.isFailing(request)) return null;
    return Math.min(staleAtMs + request.policy.graceMs, overdueAtMs);
  }

  /** Begins in this very moment where nothing is to be waited for. Never rejects. */
  async refresh(request: CacheRequest, how: RefreshHow): Promise<Refreshed> {
    // It was due when the definitions changed.
    if (request.isWanted?.() === false) return 'needless';
    try {
      if (!request.admit) return await this.#load({ request, end: () => {} }, how);
      if (await this.#hasNews(request)) return 'needless';
      const admitted = await request.admit(how);
      return admitted ? await this.#load(admitted, how) : 'later';
    } catch {
      return 'failed';
    }
  }

  async #load({ request, end }: Admitted, { isForReader }: RefreshHow): Promise<Refreshed> {
    const { memory, generations, judge, flightOf } = this.#parts;
    try {
      // After the wait: what changes from now on is known to be missing in what is loaded.
      const proof = generations.proveFromMemory(request.tags) ?? (await generations.prove(request.tags));
      if (!proof.proven && !isForReader) return 'away';
      const held = memory.peek(request.key.hash);
      const isFresh = judge.of(held, request).use === 'fresh';
      if (isFresh || generations.isSwitchedOff(request.tags)) return 'needless';
      const { entry } = await flightOf(request, proof).landed;
      return entry.contentHash === held?.contentHash ? 'equal' : 'changed';
    } finally {
      end();
    }
  }

  /** Whether another process has loaded it since: then that is taken, and it costs nothing. */
  async #hasNews(request: CacheRequest): Promise<boolean> {
    const { memory, redis, generations, judge } = this.#parts;
    if (!redis || generations.isIsolated) return false;
    const found = await redis.peek(request.key);
    if (!found || !isNewer(found, memory.peek(request.key.hash))) return false;
    const { use } = judge.of(found, request);
    if (use !== 'fresh' && use !== 'stale') return false;
    memory.write(found);
    this.#parts.taken(found);
    return true;
  }
}

function isNewer(found: Entry, held: Entry | undefined): boolean {
  return held === undefined || found.storedAtMs > held.storedAtMs;
}
