import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import type { Dashboard, ResolvedParameters } from '../services/definitions/model.js';
import { noTenant, type Tenant, tenantFromParameter } from '../services/definitions/tenant.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose data this request may see. */
    tenantOf(dashboard: Dashboard, parameters: ResolvedParameters): Tenant;
  }
}

/** Says whose data a request sees. No identity is configured, so the tenant parameter is required, and believed. */
async function tenant(app: FastifyInstance): Promise<void> {
  app.decorateRequest('tenantOf', believeParameter);
}

function believeParameter(dashboard: Dashboard, parameters: ResolvedParameters): Tenant {
  const name = dashboard.tenantParameter;
  if (name === null) return noTenant;
  const canonical = parameters.get(name)?.canonical ?? null;
  if (canonical !== null) return tenantFromParameter(canonical);
  throw new DashcacheError('parameters_invalid', {
    errors: [{ parameter: name, detail: 'is required: it says whose data is wanted' }],
  });
}

export default fp(tenant, { name: 'tenant', fastify: '5.x' });
