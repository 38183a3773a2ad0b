import type { PanelRequest } from './dashboard-cache-service.js';
import type { Dashboard, Panel, ResolvedParameters } from './definitions/model.js';
import { noTenant, type Tenant, tenantForOperator } from './definitions/tenant.js';

/** Whether a panel has other data for each tenant; of a tenant's dashboard only the choices of tenants have not. */
export function bindsTenant({ parameters }: Panel): boolean {
  return parameters.some((parameter) => parameter.tenant);
}

/** The reads of who may ask for every tenant, by default an administrator: of the one that the checked parameters name. */
export function operatorRequests(
  { dashboard, panels }: { readonly dashboard: Dashboard; readonly panels: readonly Panel[] },
  parameters: ResolvedParameters,
  tenantOf: (canonical: string) => Tenant = tenantForOperator,
): PanelRequest[] {
  const canonical = parameters.get(dashboard.tenantParameter ?? '')?.canonical ?? null;
  return panels.map((panel) => ({
    panel,
    parameters,
    tenant: bindsTenant(panel) && canonical !== null ? tenantOf(canonical) : noTenant,
  }));
}
