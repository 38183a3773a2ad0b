import { LRUCache } from 'lru-cache';
import type { Dashboard, ResolvedParameters } from './model.js';
import { type ParametersAsked, resolveParameters } from './resolve-parameters.js';

/** What front ends ask again and again; some 4 MB at most. */
const KEPT_MAX_COUNT = 1000;
const URL_MAX_LENGTH = 700;

/** What an address asks of a dashboard. */
export interface ResolvedQuery {
  readonly rawQuery: string;
  readonly parameters: ResolvedParameters;
}

interface Kept extends ResolvedQuery {
  readonly dashboard: Dashboard;
  readonly panelId: string | null;
  /** Wall clock: periods mean something else before and after. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What addresses ask, resolved once for all who ask the same. */
export class ResolvedQueries {
  readonly #kept = new LRUCache<string, Kept>({ max: KEPT_MAX_COUNT });

  /** As resolveParameters; `panelId`: the only panel of the dashboard that is asked, null for all of them. What it gives is shared. */
  resolve(url: string, asked: ParametersAsked & { readonly panelId: string | null }): ResolvedQuery {
    const { dashboard, panelId, nowMs, leftOutText } = asked;
    const kept = this.#kept.get(url);
    const isSame = kept?.dashboard === dashboard && kept.panelId === panelId;
    if (isSame && nowMs >= kept.fromMs && nowMs < kept.untilMs) return kept;
    const rawQuery = rawQueryOf(url);
    let isOfAsker = false;
    const parameters = resolveParameters({
      ...asked,
      rawQuery,
      leftOutText: (parameter) => {
        isOfAsker ||= parameter.tenant;
        return leftOutText?.(parameter);
      },
    });
    const untilMs = Math.min(...[...parameters.values()].map(({ meantUntilMs }) => meantUntilMs));
    // Who left his tenant out means another one than the next who does.
    if (!isOfAsker && url.length <= URL_MAX_LENGTH)
      this.#kept.set(url, { dashboard, panelId, rawQuery, parameters, fromMs: nowMs, untilMs });
    return { rawQuery, parameters };
  }
}

function rawQueryOf(url: string): string {
  const [target = ''] = url.split('#', 1);
  const start = target.indexOf('?');
  return start < 0 ? '' : target.slice(start + 1);
}
