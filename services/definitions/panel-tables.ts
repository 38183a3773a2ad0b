import type { CheckedStatement } from '../sources/source.js';
import type { Panel } from './model.js';

/** As of a statement; declared: what the definition says, because nobody can tell or it is of no account. */
export type TablesVerdict = CheckedStatement['verdict'] | 'declared';

/** What is known of the tables that a panel reads. */
export interface PanelTables {
  readonly tables: readonly string[];
  readonly verdict: TablesVerdict;
}

type Told = Pick<CheckedStatement, 'tables' | 'verdict'>;

/** Of a panel whose statements are not checked yet. */
export function declaredTables({ dependsOn, ttlOnly }: Panel): PanelTables {
  return { tables: dependsOn, verdict: ttlOnly || dependsOn.length > 0 ? 'declared' : 'unknown' };
}

/** The union of what its source says of a panel's statements and what the definition names; with `ttl_only` only the latter. */
export function panelTables(panel: Panel, statements: readonly Told[]): PanelTables {
  const declared = declaredTables(panel);
  if (panel.ttlOnly) return declared;
  const verdicts = new Set(statements.map(({ verdict }) => verdict));
  const tables = [...new Set([...panel.dependsOn, ...statements.flatMap((statement) => statement.tables)])];
  if (verdicts.has('unknown')) return { tables, verdict: declared.verdict };
  const found = new Set(statements.flatMap((statement) => statement.tables));
  const isOver = verdicts.has('over') || panel.dependsOn.some((table) => !found.has(table));
  return { tables, verdict: isOver ? 'over' : 'exact' };
}
