import type pg from 'pg';
import type { CheckedStatement } from '../source.js';
import { Catalogue } from './dependencies/catalogue.js';
import { DependencyWalk } from './dependencies/dependency-walk.js';
import { type Explained, explainedTables } from './dependencies/explained-tables.js';
import { tableName } from './dependencies/table-name.js';

export interface TablesRead extends Pick<CheckedStatement, 'tables' | 'verdict'> {
  /** Whether a function that the query calls reads a table: what it reads of it, the query does not tell. */
  readonly readsInRoutine: boolean;
}

/**
 * The tables and views that a SELECT reads (`$n` for its parameters; `tree` by parseSql), found by the parser, the catalogue and a plan together.
 * Asks on the client's connection, the plan last: it may fail, and so may the transaction that it is asked in.
 */
export async function readTables(
  client: pg.ClientBase,
  { sql, tree }: { readonly sql: string; readonly tree: unknown },
): Promise<TablesRead> {
  const catalogue = new Catalogue(client);
  const session = await catalogue.session();
  const walk = new DependencyWalk(catalogue, session);
  await walk.query(tree);
  const explained = await explainedTables(client, { sql, tree, versionNumber: session.versionNumber });
  const tables = new Set([...walk.relations.values()].map(tableName));
  const isOver = walk.isOver || explained === null || leavesOut(explained, walk);
  for (const table of explained?.tables ?? []) tables.add(table);
  // Syntax that the parser does not know: a plan alone is not enough.
  const isUnknown = tree === null || walk.isUnknown;
  const verdict = isUnknown ? 'unknown' : isOver ? 'over' : 'exact';
  return { tables: [...tables].sort(), verdict, readsInRoutine: walk.readsInRoutine };
}

/** Whether the plan can do without something that the query names: a partition, a join whose columns nobody asks for. */
function leavesOut({ tables, isGeneric }: Explained, { planned, relations }: DependencyWalk): boolean {
  if (!isGeneric) return false;
  return [...planned].some((oid) => {
    const relation = relations.get(oid);
    return relation !== undefined && !tables.has(tableName(relation));
  });
}
