import { type CacheKey, makeKey } from './cache/key.js';
import type {
  Binds,
  BindValue,
  Panel,
  PanelQuery,
  ResolvedParameter,
  ResolvedParameters,
} from './definitions/model.js';
import type { Tenant } from './definitions/tenant.js';

/** Raised when the same definition and parameters mean other bytes, so that entries of older versions are never found. */
const CONTENT_VERSION = '1';

/**
 * One read of one panel: the panel, the tenant and exactly the parameters that it binds. The key, the query's values and
 * `params` of the answer are all made from this object and nothing else (invariant 6).
 */
export interface PanelRead {
  readonly panel: Panel;
  readonly tenant: Tenant;
  readonly bound: readonly ResolvedParameter[];
}

/** Keeps of a request's parameters those that the panel binds. A missing one is a fault of the caller. */
export function panelRead(panel: Panel, parameters: ResolvedParameters, tenant: Tenant): PanelRead {
  const bound = panel.parameters.map((parameter) => {
    const resolved = parameters.get(parameter.name);
    if (!resolved) throw new Error(`The parameter ${parameter.name} of ${panel.id} was not resolved`);
    // The tenant is what the credentials say; a parameter that says otherwise must never reach a query.
    if (parameter.tenant && resolved.canonical !== tenant.text) {
      throw new Error(`The tenant parameter ${parameter.name} is not the tenant of the read`);
    }
    return resolved;
  });
  return Object.freeze({ panel, tenant, bound });
}

/** Equal exactly for equal meaning: definition, tenant, tags, and each bound parameter in its one spelling. */
export function keyOf({ panel, tenant, bound }: PanelRead, tags: readonly string[]): CacheKey {
  return makeKey(tenant.text, [
    CONTENT_VERSION,
    panel.dashboardId,
    panel.id,
    panel.definitionHash,
    tags,
    bound.map(({ parameter, canonical }) => [parameter.name, parameter.type, canonical]),
  ]);
}

/** What the panel's queries bind. */
export function bindsOf({ bound }: PanelRead): Binds {
  return merge(bound.map((resolved) => resolved.binds));
}

/** The queries that a load asks once more for the period before, and what they bind then. */
export interface Comparison {
  readonly binds: Binds;
  /** Those that bind a period: the others have the same result again. */
  readonly queries: readonly PanelQuery[];
}

/** Null where the panel compares nothing, or binds no period. */
export function comparisonOf({ panel, bound }: PanelRead): Comparison | null {
  const compares = [...panel.values.values()].some(({ compare }) => compare === 'previous_period');
  if (!compares || !bound.some(({ previousBinds }) => previousBinds)) return null;
  const moved = new Set(bound.flatMap(({ previousBinds }) => [...(previousBinds?.keys() ?? [])]));
  return {
    binds: merge(bound.map(({ previousBinds, binds }) => previousBinds ?? binds)),
    queries: panel.queries.filter(({ statement }) => statement.names.some((name) => moved.has(name))),
  };
}

/** What its parameters are spelled with, in bytes: as given, as JSON and as they are bound. */
export function spelledBytesOf({ bound }: PanelRead): number {
  return bound.reduce((sum, { json }) => sum + 3 * 2 * json.length, 0);
}

/** How many queries one load asks. */
export function queriesCountOf(read: PanelRead): number {
  return read.panel.queries.length + (comparisonOf(read)?.queries.length ?? 0);
}

/** The bound parameters as they stand in `params` of an answer. */
export function paramsOf({ bound }: PanelRead): Record<string, unknown> {
  return Object.fromEntries(bound.map(({ parameter, json }) => [parameter.name, JSON.parse(json)]));
}

/** The body of a panel around its content, as INTERFACE.md 3 has it; instants in RFC 3339. */
export function renderPanel({ panel, bound }: PanelRead, content: string, generatedAtMs: number): string {
  const params = bound.map(({ parameter, json }) => `${JSON.stringify(parameter.name)}:${json}`).join(',');
  const head = `"dashboard":${JSON.stringify(panel.dashboardId)},"panel":${JSON.stringify(panel.id)}`;
  return `{${head},"params":{${params}},"generated_at":"${new Date(generatedAtMs).toISOString()}",${content}}`;
}

function merge(all: readonly Binds[]): Binds {
  return new Map<string, BindValue>(all.flatMap((binds) => [...binds]));
}
