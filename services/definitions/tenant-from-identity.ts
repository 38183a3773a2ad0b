import type { Dashboard, Definitions } from './model.js';

/** The dashboards as they are described where the tenant comes from a credential: nobody has to name it. */
export function tenantFromIdentity(definitions: Definitions): Definitions {
  const dashboards = [...definitions.dashboards].map(
    ([id, dashboard]) => [id, withTenantOptional(dashboard)] as const,
  );
  return { ...definitions, dashboards: new Map(dashboards) };
}

function withTenantOptional(dashboard: Dashboard): Dashboard {
  const parameters = [...dashboard.parameters].map(
    ([name, parameter]) => [name, parameter.tenant ? { ...parameter, optional: true } : parameter] as const,
  );
  return { ...dashboard, parameters: new Map(parameters) };
}
