/** The public entry of the package. */
export { buildApp } from './app.js';
export type { DashcacheOptions } from './config/dashcache-options.js';
export { type Config, ConfigFaults, loadConfig } from './config.js';
export { dashcache } from './dashcache.js';
export { DashcacheError, ERRORS, type ErrorCode, type Fault } from './errors.js';
