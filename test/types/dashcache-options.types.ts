/** Compiled by `npm run types`, never run: what options may be, and what they may not. */
import { fastify } from 'fastify';
import { type DashcacheOptions, dashcache } from '../../index.js';

const app = fastify();

app.register(dashcache, { definitions: 'dashboards' });
app.register(dashcache, {
  prefix: '/sales',
  logLevel: 'warn',
  definitions: 'dashboards',
  environment: { DATA_DIR: 'lake', MAYBE: undefined },
  redisUrl: undefined,
  memoryMaxBytes: 2 ** 26,
});
app.register(dashcache, () => ({ definitions: 'dashboards' }));

// @ts-expect-error: the folder of the definitions is required
app.register(dashcache, { prefix: '/sales' });
// @ts-expect-error: options are required
app.register(dashcache);
// @ts-expect-error: bytes are a number
export const bytes: DashcacheOptions = { definitions: 'x', memoryMaxBytes: '64MiB' };
// @ts-expect-error: a ttl is in ms
export const ttl: DashcacheOptions = { definitions: 'x', metricsTtlMs: '5m' };
// @ts-expect-error: the port is the host's
export const port: DashcacheOptions = { definitions: 'x', port: 8000 };
// @ts-expect-error: misspelt
export const misspelt: DashcacheOptions = { definitions: 'x', redisURL: 'redis://127.0.0.1' };
// @ts-expect-error: values are texts
export const environment: DashcacheOptions = { definitions: 'x', environment: { PORT: 8000 } };
export const changed = (options: DashcacheOptions): void => {
  // @ts-expect-error: options are not changed after the registration
  options.definitions = 'y';
};
