import type pg from 'pg';
import { isSyntax } from './syntax.js';
import { tableName } from './table-name.js';

/** What a plan of a query reads. */
export interface Explained {
  /** As tableName names them; system tables left out. */
  readonly tables: ReadonlySet<string>;
  /** Whether it holds for every value of the parameters. */
  readonly isGeneric: boolean;
}

const GENERIC_PLAN_SINCE = 160_000;

/**
 * Has PostgreSQL plan a query without running it; null where it cannot without the values. A plan shows neither views nor what
 * functions read, and leaves out what it can do without.
 */
export async function explainedTables(
  client: pg.ClientBase,
  query: { readonly sql: string; readonly tree: unknown; readonly versionNumber: number },
): Promise<Explained | null> {
  const isGeneric = query.versionNumber >= GENERIC_PLAN_SINCE;
  const places = parameterPlaces(query.tree);
  const sql = isGeneric ? query.sql : withNulls(query.sql, places);
  const options = `VERBOSE, COSTS OFF, FORMAT JSON${isGeneric ? ', GENERIC_PLAN' : ''}`;
  try {
    // As text, whatever the client maps; a statement without values may keep its placeholders.
    const types = { getTypeParser: () => (text: string) => text };
    const { rows } = await client.query({ text: `EXPLAIN (${options}) ${sql}`, types });
    const tables = new Set<string>();
    collect(JSON.parse(String(rows[0]?.['QUERY PLAN'])), tables);
    return { tables, isGeneric: isGeneric || places.length === 0 };
  } catch {
    return null;
  }
}

function collect(node: unknown, tables: Set<string>): void {
  if (Array.isArray(node)) for (const child of node) collect(child, tables);
  else if (isSyntax(node)) {
    const { 'Relation Name': name, Schema: schema } = node;
    const isRelation = typeof name === 'string' && typeof schema === 'string';
    if (isRelation && schema !== 'pg_catalog' && !schema.startsWith('pg_temp'))
      tables.add(tableName({ schema, name }));
    for (const child of Object.values(node)) collect(child, tables);
  }
}

interface ParameterPlace {
  readonly byteOffset: number;
  readonly number: number;
}

function parameterPlaces(tree: unknown): ParameterPlace[] {
  if (Array.isArray(tree)) return tree.flatMap(parameterPlaces);
  if (!isSyntax(tree)) return [];
  const reference = tree['ParamRef'];
  if (isSyntax(reference))
    return [{ byteOffset: Number(reference['location'] ?? 0), number: Number(reference['number'] ?? 0) }];
  return Object.values(tree).flatMap(parameterPlaces);
}

/** Servers before 16 plan nothing with a placeholder in it. */
function withNulls(sql: string, places: readonly ParameterPlace[]): string {
  let bytes = Buffer.from(sql);
  for (const { byteOffset, number } of [...places].sort((a, b) => b.byteOffset - a.byteOffset)) {
    const rest = bytes.subarray(byteOffset + `$${number}`.length);
    bytes = Buffer.concat([bytes.subarray(0, byteOffset), Buffer.from('NULL'), rest]);
  }
  return bytes.toString();
}
