/** The public entry of the package. */
export { buildApp } from './app.js';
export type { DashcacheOptions } from './config/dashcache-options.js';
export { type Config, ConfigFaults, loadConfig } from './config.js';
export { dashcache, dashcache as default } from './dashcache.js';
export { DashcacheError, ERRORS, type ErrorCode, type Fault } from './errors.js';
export { createResultCache, type ResultCacheOptions } from './result-cache.js';
export { cacheResult, getCacheStats } from './services/results/cache-result.js';
export type { CacheResultOptions, Duration } from './services/results/cache-result-options.js';
export type { CacheStats } from './services/results/cache-stats.js';
export type { CachedFunction, ResultCache } from './services/results/result-cache.js';
