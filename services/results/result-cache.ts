import type { RedisTopology } from '../cache/redis-topology.js';
import { type Clock, systemClock } from '../clock.js';
import { type Log, silentLog } from '../log.js';
import { ReadCounts } from '../statistics/read-counts.js';
import { type AnyFunction, type CacheResultOptions, readOptions } from './cache-result-options.js';
import { type CacheStats, cacheStats } from './cache-stats.js';
import { CachedCalls } from './cached-calls.js';
import { ResultLayers } from './result-layers.js';

/** A function whose results are cached; called like the function itself, it always answers with a Promise. */
export interface CachedFunction<F extends AnyFunction> {
  /** A copy of the result that is the caller's own. Rejects with the function's own error. */
  (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>>;
  /** Purges what is cached of exactly this call, in every process. Rejects when Redis did not take it. */
  invalidate(...args: Parameters<F>): Promise<void>;
  /** Purges what is cached of all calls, in every process. Rejects when Redis did not take it. */
  invalidateAll(): Promise<void>;
}

export interface ResultCacheSettings {
  /** Default null: memory only. */
  readonly redis?: RedisTopology | null;
  /** Keys in Redis begin with this and `results:`. Default `dc:`. */
  readonly redisPrefix?: string;
  /** Default 100 MB; above it the results read longest ago go first. */
  readonly redisMaxBytes?: number;
  /** Default 64 MiB. A result that takes more than an eighth is answered but not kept. */
  readonly memoryMaxBytes?: number;
  /** Told when Redis comes and goes. Default: nobody. */
  readonly log?: Log;
  readonly clock?: Clock;
  /** Gives [0, 1): spreads the ends of results by up to 5 % of their ttl. Default Math.random. */
  readonly random?: () => number;
}

export interface ResultCache {
  /** Wraps a function. Throws a TypeError when an option is wrong. */
  cacheResult<F extends AnyFunction>(
    this: void,
    fn: F,
    options: CacheResultOptions<NoInfer<F>>,
  ): CachedFunction<F>;
  /** The calls of all functions wrapped by this cache, in this process. */
  getCacheStats(this: void): CacheStats;
  /** Ends its connection and timers. Later calls run their functions uncached. */
  close(this: void): Promise<void>;
}

/** A cache of its own for function results, with Redis behind it where processes are to share them. */
export function openResultCache(options: ResultCacheSettings = {}): ResultCache {
  const layers = new ResultLayers({
    redis: options.redis ?? null,
    redisPrefix: options.redisPrefix ?? 'dc:',
    redisMaxBytes: checkedBytes('redisMaxBytes', options.redisMaxBytes ?? 100_000_000),
    memoryMaxBytes: checkedBytes('memoryMaxBytes', options.memoryMaxBytes ?? 64 * 1024 * 1024),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    log: options.log ?? silentLog,
  });
  const counts = new ReadCounts();
  const named = new Map<string, AnyFunction>();
  return {
    cacheResult: (fn, options) => {
      const settings = readOptions(fn, options);
      if (options.keyPrefix === undefined) checkOwner(named, fn, settings.keyPrefix);
      return wrapped(fn, new CachedCalls({ fn: called(fn), settings, layers, counts }));
    },
    getCacheStats: () => cacheStats(counts),
    close: () => layers.close(),
  };
}

function wrapped<F extends AnyFunction>(fn: F, calls: CachedCalls<Parameters<F>>): CachedFunction<F> {
  const call = (...args: Parameters<F>) => calls.call(args) as Promise<Awaited<ReturnType<F>>>;
  // The name and length of the function itself, for stack traces and for those who look.
  Object.defineProperties(call, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  });
  return Object.assign(call, {
    invalidate: (...args: Parameters<F>) => calls.invalidate(args),
    invalidateAll: () => calls.invalidateAll(),
  });
}

/** The compiler does not see that a function takes its own parameters. */
function called<F extends AnyFunction>(fn: F): (...args: Parameters<F>) => unknown {
  return fn as unknown as (...args: Parameters<F>) => unknown;
}

/** Sharing by a prefix is a wish; two functions that happen to have one name would answer for each other. */
function checkOwner(named: Map<string, AnyFunction>, fn: AnyFunction, name: string): void {
  const owner = named.get(name);
  if (owner !== undefined && owner !== fn)
    throw new TypeError(
      `Another function named ${name} is cached already: give one of them a "keyPrefix" of its own, or both the same to share results`,
    );
  named.set(name, fn);
}

function checkedBytes(name: string, bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new TypeError(`"${name}" must be a whole number of bytes above 0, not ${String(bytes)}`);
}
