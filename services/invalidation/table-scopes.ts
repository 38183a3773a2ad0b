import type { Panel } from '../definitions/model.js';
import { namesTables, type Scope, tableScopes } from '../panel-tags.js';

/** What is declared now, as far as an invalidation of tables has to know it. */
export interface DeclaredPanels {
  readonly panels: Iterable<Panel>;
  readonly sourceNames: Iterable<string>;
  /** The tables that a panel is known to read. */
  readonly tablesOf: (panel: Panel) => readonly string[];
}

/**
 * The scopes of what was read from these tables in these sources: the tables themselves, the choices, whose tables nobody
 * knows, and the whole source where a panel of very many tables carries that instead of them.
 */
export function scopesOfTables(tables: readonly string[], declared: DeclaredPanels): Scope[] {
  const names = new Set(declared.sourceNames);
  const hiding = new Set(
    [...declared.panels]
      .filter((panel) => names.has(panel.sourceName) && !namesTables(panel, declared.tablesOf(panel)))
      .map(({ sourceName }) => sourceName),
  );
  return [
    ...tableScopes(tables),
    ...[...names].map((name): Scope => ({ kind: 'options', name })),
    ...[...hiding].map((name): Scope => ({ kind: 'source', name })),
  ];
}

/** The scopes of the panels that may never show what these tables no longer hold: a change purges them. */
export function scopesOfStrictPanels(tables: readonly string[], declared: DeclaredPanels): Scope[] {
  const sources = new Set(declared.sourceNames);
  const changed = new Set(tableScopes(tables).map(nameOf));
  return [...declared.panels]
    .filter(({ policy, sourceName }) => policy.maxStalenessMs === 0 && sources.has(sourceName))
    .filter((panel) => tableScopes(declared.tablesOf(panel)).some((scope) => changed.has(nameOf(scope))))
    .map(({ dashboardId, id }) => ({ kind: 'panel', name: `${dashboardId}/${id}` }));
}

function nameOf(scope: Scope): string {
  return scope.kind === 'all' ? '' : scope.name;
}
