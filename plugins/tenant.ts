import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Tenants } from '../services/identity/tenants.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** Whose data somebody sees. */
    tenants: Tenants;
  }
}

/** Knows whose data a request sees. */
async function tenant(app: FastifyInstance): Promise<void> {
  const { credentials, clock } = app;
  app.decorate('tenants', new Tenants({ hasIdentities: credentials !== null, clock }));
}

export default fp(tenant, { name: 'tenant', fastify: '5.x', dependencies: ['identity', 'clock'] });
