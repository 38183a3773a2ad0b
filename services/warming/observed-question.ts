import { readQueryString } from '../definitions/query-string.js';

/** What somebody asked, as it was written: a relative period means another one tomorrow. */
export interface ObservedQuestion {
  readonly dashboardId: string;
  /** Null: the whole dashboard. */
  readonly panelId: string | null;
  /** Null where nothing of a tenant was asked for. */
  readonly tenantText: string | null;
  /** Texts of the parameters but the tenant's, by name in the order of names. */
  readonly texts: ReadonlyMap<string, string>;
}

/** One request of data. */
export interface AskedRead extends Omit<ObservedQuestion, 'texts'> {
  /** Null: the dashboard has none. */
  readonly tenantParameter: string | null;
  /** As it came, without its question mark. */
  readonly rawQuery: string;
}

/** The one spelling of a question, however it was asked; readQuestion reads it back. */
export function spelledQuestion({ rawQuery, tenantParameter, ...asked }: AskedRead): string {
  const { values } = readQueryString(rawQuery);
  const texts = [...values].filter(([name]) => name !== tenantParameter).sort(byName);
  return JSON.stringify([asked.dashboardId, asked.panelId, asked.tenantText, texts]);
}

/** Null for what another version wrote otherwise. */
export function readQuestion(spelled: string): ObservedQuestion | null {
  try {
    const [dashboardId, panelId, tenantText, texts] = JSON.parse(spelled) as unknown[];
    if (typeof dashboardId !== 'string' || !isTextOrNull(panelId) || !isTextOrNull(tenantText)) return null;
    if (!Array.isArray(texts) || !texts.every(isPair)) return null;
    return { dashboardId, panelId, tenantText, texts: new Map(texts) };
  } catch {
    return null;
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
