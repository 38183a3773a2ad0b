import type { FastifyPluginAsync, RegisterOptions } from 'fastify';
import fp from 'fastify-plugin';
import { service } from './app.js';
import { configFromOptions } from './config/config-from-options.js';
import type { DashcacheOptions } from './config/dashcache-options.js';

const plugin: FastifyPluginAsync<DashcacheOptions> = async (
  app,
  { prefix = '', ...options }: DashcacheOptions & RegisterOptions,
) => {
  // Without a prefix of its own the addresses around it are the host's.
  const ownsPrefix = prefix !== '' && prefix !== '/';
  service(app, { config: configFromOptions(options, app.prefix), ownsPrefix });
};

/**
 * dashcache inside an app of somebody else's: `app.register(dashcache, { prefix: '/reports', definitions: 'dashboards' })`. A
 * scope of its own: its hooks, decorators, schemas and errors stay in it, and several stand side by side. It closes with the
 * app. Rejects with ConfigFaults or with what is wrong with the definitions.
 */
export const dashcache = fp(plugin, { name: 'dashcache', fastify: '5.x', encapsulate: true });
