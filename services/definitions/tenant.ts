declare const brand: unique symbol;

/**
 * Whose data a read may see. Opaque: only this file makes one, so no text that merely looks like a tenant reaches a key
 * or a query (invariant 6).
 */
export interface Tenant {
  readonly [brand]: 'tenant';
  /** Canonical text of the tenant parameter's value; null for dashboards without tenants. */
  readonly text: string | null;
}

/** For dashboards without a tenant parameter. */
export const noTenant: Tenant = makeTenant(null);

/** With no identity configured, the checked tenant parameter of the request is believed. */
export function tenantFromParameter(canonical: string): Tenant {
  return makeTenant(canonical);
}

/** The tenant that a verified credential holds, as the parameter reads it. */
export function tenantFromCredential(canonical: string): Tenant {
  return makeTenant(canonical);
}

/** For an administrator, who may warm and look into the entries of every tenant: the checked value that was named. */
export function tenantForOperator(canonical: string): Tenant {
  return makeTenant(canonical);
}

/** For what is loaded before anyone asks: a value that the definitions, the choices or an earlier read named, checked again. */
export function tenantForWarming(canonical: string): Tenant {
  return makeTenant(canonical);
}

/** For an audit, which holds the answers of every tenant against the source. */
export function tenantForAudit(canonical: string): Tenant {
  return makeTenant(canonical);
}

/** For a change feed, which says whose row has changed: what is stored for that tenant is touched, and nothing is read. */
export function tenantForFeed(canonical: string): Tenant {
  return makeTenant(canonical);
}

function makeTenant(text: string | null): Tenant {
  return Object.freeze({ text }) as Tenant;
}
