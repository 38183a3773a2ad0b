import type { CacheAnswer } from './cache/answer.js';
import type { Dashboard, Panel, ResolvedParameters } from './definitions/model.js';
import type { Tenant } from './definitions/tenant.js';

/** What routes need of the service; the implementation follows in this file. */
export interface DashboardReader {
  /** One panel: validate -> key -> cache -> source. Rejects with DashcacheError when there is nothing to serve. */
  read(request: { panel: Panel; parameters: ResolvedParameters; tenant: Tenant }): Promise<CacheAnswer>;
  /** The choices of one parameter as the JSON text of {"options":[...]}; not counted as a panel read. */
  options(request: { dashboard: Dashboard; parameterName: string; tenant: Tenant }): Promise<CacheAnswer>;
}
