import type { CatalogueEntry, Freshness, ProblemBody } from '../../client/index.js';

export type Panel = CatalogueEntry['panels'][number];

/** How a column is to be shown, as its definition says. */
export interface ValueStyle {
  readonly title?: string | null;
  readonly format?: string | null;
  readonly unit?: string | null;
  readonly digits?: number | null;
  readonly better?: 'up' | 'down' | null;
}

/** One parameter in the catalogue: JSON Schema, and what that cannot say. */
export interface ParameterSchema {
  readonly title?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly default?: unknown;
  readonly 'x-tenant'?: boolean;
  readonly 'x-options'?: boolean;
  readonly 'x-period'?: { readonly maximum: string | null };
}

export type CellValue = string | number | boolean | null;

export interface ChartData {
  readonly type: string;
  readonly labels: readonly CellValue[];
  readonly series: readonly { readonly name: string; readonly values: readonly CellValue[] }[];
}

export interface RecordBody {
  readonly data: Readonly<Record<string, CellValue>> | null;
  readonly previous?: Readonly<Record<string, CellValue>>;
  readonly generated_at: string;
}

export interface ChartBody {
  readonly data: ChartData;
  readonly generated_at: string;
}

export type PanelContent = RecordBody | ChartBody | { readonly problem: ProblemBody };

/** How a panel stands to its source, and since when this page knows that. */
export interface Standing {
  readonly isStale: boolean;
  readonly age: number;
  readonly layer: string;
  readonly atMs: number;
}

/** What is known of each panel, by its id. */
export interface PanelState {
  readonly content: PanelContent;
  readonly standing: Standing | null;
}

export function standingOf(freshness: Freshness, panelId: string, atMs: number): Standing | null {
  const panel = freshness.panels?.[panelId];
  if (!panel || 'status' in panel) return null;
  const { isStale, age, layer } = panel;
  return { isStale, age, layer, atMs };
}

export function parametersOf(entry: CatalogueEntry): readonly (readonly [name: string, ParameterSchema])[] {
  const { properties = {} } = entry.params as { properties?: Record<string, ParameterSchema> };
  // Whose data is the first question.
  return Object.entries(properties).sort(
    ([, a], [, b]) => Number(b['x-tenant'] ?? 0) - Number(a['x-tenant'] ?? 0),
  );
}

export function isMissing(entry: CatalogueEntry, params: Readonly<Record<string, string>>): boolean {
  const { required = [] } = entry.params as { required?: readonly string[] };
  return required.some((name) => (params[name] ?? '') === '');
}
