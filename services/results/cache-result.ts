import type { AnyFunction, CacheResultOptions } from './cache-result-options.js';
import type { CacheStats } from './cache-stats.js';
import { type CachedFunction, openResultCache, type ResultCache } from './result-cache.js';

let shared: ResultCache | null = null;

/** Made at the first use, so that an import alone costs nothing. In memory it holds nothing open that wants closing. */
function processCache(): ResultCache {
  shared ??= openResultCache();
  return shared;
}

/**
 * Caches the results of a function in the memory of this process. Calls at the same time share one run; an error is
 * shared for a second and never cached. Throws a TypeError when an option is wrong.
 */
export function cacheResult<F extends AnyFunction>(
  fn: F,
  options: CacheResultOptions<NoInfer<F>>,
): CachedFunction<F> {
  return processCache().cacheResult(fn, options);
}

/** The calls of all functions wrapped by `cacheResult`, in this process. */
export function getCacheStats(): CacheStats {
  return processCache().getCacheStats();
}
