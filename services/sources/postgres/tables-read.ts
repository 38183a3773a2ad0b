import type { ClientBase } from 'pg';
import type { CheckedStatement } from '../source.js';

/**
 * The tables that a SELECT reads. This first version knows the names that stand in it and nothing of what is behind them, so
 * its verdict is `unknown` as soon as it meets a view or a function that is not PostgreSQL's own.
 */
export async function readTables(
  client: ClientBase,
  sql: string,
): Promise<Pick<CheckedStatement, 'tables' | 'verdict'>> {
  const { parse } = await import('libpg-query');
  const names = namesIn(await parse(sql).catch(() => null));
  if (!names) return { tables: [], verdict: 'unknown' };
  const { rows } = await client.query<{ schema: string; name: string; kind: string; on_path: boolean }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, pg_catalog.pg_table_is_visible(c.oid) AS on_path
     FROM pg_catalog.unnest($1::text[]) AS written
     JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(written)
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
    [names.tables],
  );
  const { rows: own } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_catalog.pg_proc p
     WHERE p.proname = ANY($1::text[]) AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace`,
    [names.functions],
  );
  const isKnown = rows.length === names.tables.length && rows.every(({ kind }) => kind === 'r');
  const isOpaque = (own[0]?.count ?? 0) > 0 || rows.some(({ schema }) => schema === 'pg_catalog');
  return {
    tables: [
      ...new Set(rows.map(({ schema, name }) => (schema === 'public' ? name : `${schema}.${name}`))),
    ].sort(),
    verdict: isKnown && !isOpaque ? 'exact' : 'unknown',
  };
}

interface Names {
  /** As to_regclass reads them. */
  readonly tables: readonly string[];
  readonly functions: readonly string[];
}

/** Names as they are written, but for those of common table expressions anywhere; null for what cannot be parsed. */
function namesIn(tree: unknown): Names | null {
  if (tree === null) return null;
  const tables = new Set<string>();
  const functions = new Set<string>();
  const expressions = new Set<string>();
  walk(tree);
  return { tables: [...tables].filter((name) => !expressions.has(name)), functions: [...functions] };

  function walk(node: unknown): void {
    if (Array.isArray(node)) for (const child of node) walk(child);
    else if (typeof node === 'object' && node !== null)
      for (const [key, child] of Object.entries(node)) {
        note(key, child);
        walk(child);
      }
  }

  function note(key: string, child: unknown): void {
    if (typeof child !== 'object' || child === null) return;
    const { relname, schemaname, ctename, funcname } = child as Readonly<Record<string, unknown>>;
    if (key === 'RangeVar') tables.add([schemaname, relname].filter(isText).map(quoted).join('.'));
    if (key === 'CommonTableExpr' && isText(ctename)) expressions.add(quoted(ctename));
    if (key === 'FuncCall' && Array.isArray(funcname)) {
      const last: unknown = funcname.at(-1)?.['String']?.['sval'];
      if (isText(last)) functions.add(last);
    }
  }
}

function isText(part: unknown): part is string {
  return typeof part === 'string';
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
