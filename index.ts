/** The public entry of the package. */
export { buildApp } from './app.js';
export { type Config, ConfigFaults, loadConfig } from './config.js';
export { DashcacheError, ERRORS, type ErrorCode, type Fault } from './errors.js';
