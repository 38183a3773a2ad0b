import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { DashcacheError } from '../errors.js';
import type { Dashboard, ResolvedParameters } from '../services/definitions/model.js';
import {
  type Tenant,
  tenantForOperator,
  tenantFromCredential,
  tenantFromParameter,
} from '../services/definitions/tenant.js';
import { heldTenants, meantTenant } from '../services/identity/held-tenants.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose data this request may see, of what the query names. Throws forbidden for another's. */
    tenantOf(dashboard: Dashboard, parameters: ResolvedParameters): Tenant;
    /** Text of the tenant that is meant where the query names none; undefined: it has to. Throws where there is none to be meant. */
    tenantMeant(dashboard: Dashboard): string | undefined;
    /** The tenants whose data this request may see, in canonical spelling; null: any. */
    tenantsHeld(dashboard: Dashboard): readonly string[] | null;
  }
}

/** Says whose data a request sees: what its credential says, or, where no identity is configured, what its query says. */
async function tenant(app: FastifyInstance): Promise<void> {
  const { credentials, clock } = app;
  app.decorateRequest('tenantsHeld', function tenantsHeld({ tenantParameter, parameters }) {
    const parameter = parameters.get(tenantParameter ?? '');
    if (credentials === null || !parameter) return null;
    // Access has seen to it that there is somebody.
    return this.identity ? heldTenants(this.identity, parameter, clock.nowMs()) : [];
  });
  app.decorateRequest('tenantMeant', function tenantMeant(dashboard) {
    return meantTenant(this.tenantsHeld(dashboard), dashboard);
  });
  app.decorateRequest('tenantOf', function tenantOf(dashboard, parameters) {
    const canonical = named(dashboard, parameters);
    if (credentials === null) return tenantFromParameter(canonical);
    const held = this.tenantsHeld(dashboard);
    if (held === null) return tenantForOperator(canonical);
    if (held.includes(canonical)) return tenantFromCredential(canonical);
    throw new DashcacheError('forbidden', {
      detail: 'The credential is not one of the tenant that the query names.',
    });
  });
}

function named({ tenantParameter }: Dashboard, parameters: ResolvedParameters): string {
  const canonical = parameters.get(tenantParameter ?? '')?.canonical ?? null;
  if (canonical !== null) return canonical;
  throw new DashcacheError('parameters_invalid', {
    errors: [{ parameter: tenantParameter ?? '', detail: 'is required: it says whose data is wanted' }],
  });
}

export default fp(tenant, { name: 'tenant', fastify: '5.x', dependencies: ['identity', 'clock'] });
