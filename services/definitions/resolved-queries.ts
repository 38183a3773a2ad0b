import { LRUCache } from 'lru-cache';
import type { Dashboard, Panel, ResolvedParameters } from './model.js';
import { type ParametersAsked, resolveParameters } from './resolve-parameters.js';

/** What front ends ask again and again; some 4 MB at most. */
const KEPT_MAX_COUNT = 1000;
const URL_MAX_LENGTH = 700;

/** Where an address leads, whatever its query says. */
export interface Place {
  readonly dashboard: Dashboard;
  readonly panels: readonly Panel[];
  /** The only panel of the dashboard that is asked; null: all of them. */
  readonly panelId: string | null;
}

/** What an address asks of a dashboard. */
export interface ResolvedQuery {
  readonly rawQuery: string;
  readonly parameters: ResolvedParameters;
  /** Equal for places and parameters that mean the same, however they are spelled. */
  readonly meaning: string;
  /** Whether whoever asks the same gets these very parameters. */
  readonly isKept: boolean;
}

interface Kept extends ResolvedQuery {
  readonly dashboard: Dashboard;
  readonly panelId: string | null;
  /** Wall clock: periods mean something else before and after. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Who leaves his tenant out means another one than the next who does: what he means is kept beside it. */
const LEFT_OUT = 'tenant left out';

/** What addresses ask, resolved once for all who ask the same. */
export class ResolvedQueries {
  readonly #kept = new LRUCache<string, Kept | typeof LEFT_OUT>({ max: KEPT_MAX_COUNT });

  /** As resolveParameters. What it gives is shared. */
  resolve(url: string, asked: ParametersAsked & Place): ResolvedQuery {
    const { dashboard, panelId, nowMs } = asked;
    const kept = this.#keptFor(url, asked);
    const isSame = kept?.dashboard === dashboard && kept.panelId === panelId;
    if (isSame && nowMs >= kept.fromMs && nowMs < kept.untilMs) return kept;
    const rawQuery = rawQueryOf(url);
    let meantTenant: string | undefined;
    const leftOutText: ParametersAsked['leftOutText'] = (parameter) => {
      const text = asked.leftOutText?.(parameter);
      if (parameter.tenant) meantTenant = text;
      return text;
    };
    const parameters = resolveParameters({ dashboard, panels: asked.panels, nowMs, rawQuery, leftOutText });
    let untilMs = Number.POSITIVE_INFINITY;
    for (const { meantUntilMs } of parameters.values()) untilMs = Math.min(untilMs, meantUntilMs);
    const meaning = meaningOf(asked, parameters);
    const isKept = url.length <= URL_MAX_LENGTH;
    const query: Kept = { dashboard, panelId, rawQuery, parameters, meaning, isKept, fromMs: nowMs, untilMs };
    if (!isKept) return query;
    if (meantTenant !== undefined) this.#kept.set(url, LEFT_OUT);
    this.#kept.set(meantTenant === undefined ? url : addressOf(url, meantTenant), query);
    return query;
  }

  /** Throws as leftOutText does. */
  #keptFor(url: string, { dashboard, leftOutText }: ParametersAsked): Kept | undefined {
    const kept = this.#kept.get(url);
    if (kept !== LEFT_OUT) return kept;
    const parameter = dashboard.parameters.get(dashboard.tenantParameter ?? '');
    const meantTenant = parameter && leftOutText?.(parameter);
    const ofTenant = meantTenant === undefined ? undefined : this.#kept.get(addressOf(url, meantTenant));
    return ofTenant === LEFT_OUT ? undefined : ofTenant;
  }
}

/** No address has a line break. */
function addressOf(url: string, meantTenant: string): string {
  return `${url}\n${meantTenant}`;
}

/** With the length of each value, so that no two lists read alike. */
function meaningOf({ dashboard, panelId }: Place, parameters: ResolvedParameters): string {
  let meaning = `${dashboard.id}/${panelId ?? ''}`;
  for (const [name, { canonical }] of parameters)
    meaning += canonical === null ? `\n${name}` : `\n${name}=${canonical.length}:${canonical}`;
  return meaning;
}

function rawQueryOf(url: string): string {
  const end = url.indexOf('#');
  const target = end < 0 ? url : url.slice(0, end);
  const start = target.indexOf('?');
  return start < 0 ? '' : target.slice(start + 1);
}
