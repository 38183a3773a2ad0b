import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../sql-quote.js';
import { type Catalogue, type Relation, relationName } from './catalogue.js';

/** Has EXPLAIN on a connection show the plan as it is before DuckDB improves it; set before the configuration is locked. */
export const EXPLAIN_UNIMPROVED = "SET explain_output = 'all'";

/**
 * The tables in DuckDB's first plan of a query without parameters; null where it makes none. It has what the query, its views
 * and macros name, and depends on no data: later ones leave a table out when its present rows do not matter.
 */
export async function explainedTables(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  sql: string,
): Promise<ReadonlySet<string> | null> {
  const scanned = new Set<string>();
  try {
    const result = await connection.run(`EXPLAIN (FORMAT json) ${sql}`);
    const plan = (await result.getRows()).find(([kind]) => kind === 'logical_plan');
    if (!plan) return null;
    collect(JSON.parse(String(plan[1])), scanned);
  } catch {
    return null;
  }
  const relations = catalogue.relations.filter((relation) =>
    spellings(relation).some((spelling) => scanned.has(spelling)),
  );
  return new Set(relations.map(relationName));
}

/** Plans name a table in full, with quotes where they are needed. */
function spellings({ catalogName, schemaName, name }: Relation): string[] {
  const parts = [catalogName, schemaName, name];
  const asNeeded = (part: string) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : quoteIdentifier(part));
  return [parts.join('.'), parts.map(asNeeded).join('.')];
}

function collect(node: unknown, scanned: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('Table' in node && typeof node.Table === 'string') scanned.add(node.Table);
  for (const child of Object.values(node)) collect(child, scanned);
}
