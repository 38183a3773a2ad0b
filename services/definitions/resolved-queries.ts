import { LRUCache } from 'lru-cache';
import type { Dashboard, ResolvedParameters } from './model.js';
import { type ParametersAsked, resolveParameters } from './resolve-parameters.js';

/** What front ends ask again and again; some 4 MB at most. */
const KEPT_MAX_COUNT = 1000;
const QUERY_MAX_LENGTH = 500;

interface Resolved {
  readonly dashboard: Dashboard;
  readonly parameters: ResolvedParameters;
  /** Wall clock: periods mean something else before and after. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What raw queries mean, resolved once for all who ask the same. */
export class ResolvedQueries {
  readonly #kept = new LRUCache<string, Resolved>({ max: KEPT_MAX_COUNT });

  /** As resolveParameters; `panelId`: the only panel of the dashboard that is asked, null for all of them. What it gives is shared. */
  resolve(
    asked: ParametersAsked & { readonly rawQuery: string; readonly panelId: string | null },
  ): ResolvedParameters {
    const { dashboard, panelId, rawQuery, nowMs, leftOutText } = asked;
    if (rawQuery.length > QUERY_MAX_LENGTH) return resolveParameters(asked);
    // No address holds a line break.
    const key = `${dashboard.id}\n${panelId ?? ''}\n${rawQuery}`;
    const kept = this.#kept.get(key);
    if (kept?.dashboard === dashboard && nowMs >= kept.fromMs && nowMs < kept.untilMs) return kept.parameters;
    let isOfAsker = false;
    const parameters = resolveParameters({
      ...asked,
      leftOutText: (parameter) => {
        isOfAsker ||= parameter.tenant;
        return leftOutText?.(parameter);
      },
    });
    // Who left his tenant out means another one than the next who does.
    if (isOfAsker) return parameters;
    const untilMs = Math.min(...[...parameters.values()].map(({ meantUntilMs }) => meantUntilMs));
    this.#kept.set(key, { dashboard, parameters, fromMs: nowMs, untilMs });
    return parameters;
  }
}
