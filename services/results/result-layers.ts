import type { CacheAnswer } from '../cache/answer.js';
import { Cache } from '../cache/cache.js';
import { silentFillSignals } from '../cache/fill-signals.js';
import { Generations } from '../cache/generations.js';
import { MemoryControlSlot } from '../cache/memory-control-slot.js';
import { MemoryStore } from '../cache/memory-store.js';
import { silentObserver as observer } from '../cache/observer.js';
import { redisBreaker } from '../cache/redis-breaker.js';
import { RedisBus } from '../cache/redis-bus.js';
import { onRedisChange } from '../cache/redis-changes.js';
import {
  closeRedisClient,
  openRedisClient,
  type RedisClient,
  redisReady,
  START_WAIT_MS,
} from '../cache/redis-client.js';
import { RedisControlSlot } from '../cache/redis-control-slot.js';
import { RedisLedger } from '../cache/redis-ledger.js';
import { RedisStore } from '../cache/redis-store.js';
import { subscriberOpener } from '../cache/redis-subscriber.js';
import type { RedisTopology } from '../cache/redis-topology.js';
import type { CacheRequest } from '../cache/request.js';
import { newProcessId } from '../cache/stamp.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';

export interface ResultLayersOptions {
  /** Null: memory only. */
  readonly redis: RedisTopology | null;
  readonly redisPrefix: string;
  readonly redisMaxBytes: number;
  readonly memoryMaxBytes: number;
  readonly clock: Clock;
  /** Gives [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** How long the close waits for runs that are under way. */
const SETTLE_WAIT_MS = 500;

/** The cache behind functions: its parts, put together, started and closed in one place. */
export class ResultLayers {
  readonly #redis: RedisClient | null;
  readonly #ledger: RedisLedger | null;
  readonly #generations: Generations;
  readonly #bus: RedisBus | null;
  readonly #cache: Cache;
  readonly #started: Promise<void>;
  #stopLooking = (): void => {};
  #closing: Promise<void> | null = null;

  constructor({ redis: topology, redisPrefix, ...options }: ResultLayersOptions) {
    const { clock, log, random } = options;
    const redis = topology && openRedisClient(topology, log);
    // A room of its own: dashboards that are purged do not wait for programs that only cache functions, and neither
    // side makes room at the cost of the other.
    const shared = redis && { redis, prefix: `${redisPrefix}results:`, clock };
    const ledger = shared && new RedisLedger({ ...shared, log, maxBytes: options.redisMaxBytes });
    const breaker = redis && redisBreaker(redis, { clock });
    const slot = shared
      ? new RedisControlSlot({ ...shared, processId: newProcessId(), breaker })
      : new MemoryControlSlot();
    this.#redis = redis;
    this.#ledger = ledger;
    const generations = new Generations({ slot, clock, log, observer });
    this.#generations = generations;
    const open = topology && redis && subscriberOpener({ topology, client: redis, random });
    const look = () => generations.refresh();
    const place = () => generations.place;
    this.#bus = open && shared && new RedisBus({ ...shared, open, log, random, observer, look, place });
    this.#cache = new Cache({
      memory: new MemoryStore({ maxBytes: options.memoryMaxBytes, clock, observer }),
      redis: shared && ledger && new RedisStore({ ...shared, observer, ledger, breaker }),
      generations,
      clock,
      observer,
      random,
      signals: this.#bus?.fills ?? silentFillSignals,
    });
    this.#started = this.#start();
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  async read(request: CacheRequest): Promise<CacheAnswer> {
    await this.#started;
    return this.#cache.read(request);
  }

  async bypass(request: CacheRequest): Promise<CacheAnswer> {
    await this.#started;
    return this.#cache.bypass(request);
  }

  /** After it nobody sees what was cached under the tag. Rejects when Redis did not take it. */
  async purge(tag: string): Promise<void> {
    if (this.isClosed) throw new Error('The cache is closed: it invalidates nothing any more');
    await this.#started;
    await this.#cache.invalidate([tag], 'purge', { cause: 'result' });
  }

  /** Ends connections and timers; waits for runs under way, but not for long. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #start(): Promise<void> {
    if (this.#redis) await redisReady(this.#redis, START_WAIT_MS);
    await this.#generations.start();
    this.#bus?.start();
    if (this.#redis) this.#stopLooking = onRedisChange(this.#redis, () => void this.#generations.refresh());
    this.#ledger?.start();
  }

  async #close(): Promise<void> {
    await this.#started;
    // First: a look after the end would make this process a member again.
    this.#bus?.close();
    this.#stopLooking();
    await this.#cache.close(SETTLE_WAIT_MS);
    await this.#generations.stop();
    await this.#ledger?.close();
    if (this.#redis) await closeRedisClient(this.#redis);
  }
}
