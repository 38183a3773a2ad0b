import type { DuckDBConnection } from '@duckdb/node-api';
import { type CheckedStatement, StatementRejected } from '../source.js';
import { type Catalogue, type Relation, relationName } from './catalogue.js';
import { quoteText } from './quote.js';
import { type References, referencesIn, type TableReference } from './syntax-walk.js';

/** Table functions that read nothing but their arguments. */
const HARMLESS = new Set([
  'range',
  'generate_series',
  'unnest',
  'json_each',
  'json_tree',
  'repeat',
  'repeat_row',
  'string_split',
  'regexp_split_to_table',
]);
/** Functions through which a text becomes a query or a table. */
const READS_BY_TEXT = new Set(['query', 'query_table', 'nextval', 'currval']);
const IDENTIFIER = '(?:"(?:[^"]|"")*"|[^\\s".(]+)';
const VIEW_HEAD = new RegExp(
  `^CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:TEMP(?:ORARY)?\\s+)?VIEW\\s+${IDENTIFIER}(?:\\.${IDENTIFIER})*\\s*(?:\\(${IDENTIFIER}(?:\\s*,\\s*${IDENTIFIER})*\\)\\s*)?AS\\s+`,
  'i',
);

/**
 * The tables and views that a SELECT reads, views and macros taken apart. DuckDB's parser names them (getTableNames returns
 * nothing for parameters and joins); `unknown` when something reads in a way that the names do not tell. Rejects what only
 * looks like a SELECT.
 */
export async function tablesRead(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  sql: string,
): Promise<Pick<CheckedStatement, 'tables' | 'verdict'>> {
  const tables = new Set<string>();
  const seen = new Set<unknown>();
  let unknown = false;
  await visit(sql, catalogue.searchPath);
  return { tables: [...tables].sort(), verdict: unknown ? 'unknown' : 'exact' };

  async function visit(query: string, path: Catalogue['searchPath']): Promise<void> {
    const syntax = await parsed(connection, query);
    if (syntax === null) {
      unknown = true;
      return;
    }
    const references = referencesIn(syntax);
    if (references.others.has('SHOW_REF')) {
      // SHOW, DESCRIBE and SUMMARIZE pass for SELECTs when they are prepared.
      throw new StatementRejected('Only a SELECT can be a query here.', 0);
    }
    if (isOpaque(references, catalogue)) unknown = true;
    for (const reference of references.tables) await visitTable(reference, path);
    for (const name of [...references.functions, ...references.tableFunctions]) await visitMacros(name, path);
  }

  async function visitTable(reference: TableReference, path: Catalogue['searchPath']): Promise<void> {
    const relation = resolve(reference, catalogue, path);
    if (!relation) {
      // A system table, or a name that only running would resolve.
      unknown = true;
      return;
    }
    tables.add(relationName(relation));
    if (relation.viewSql === null || seen.has(relation)) return;
    seen.add(relation);
    await visit(relation.viewSql.replace(VIEW_HEAD, ''), [relation, ...path]);
  }

  async function visitMacros(name: string, path: Catalogue['searchPath']): Promise<void> {
    if (seen.has(name)) return;
    seen.add(name);
    for (const macro of catalogue.macros.get(name) ?? []) {
      await visit(macro.isTable ? macro.sql : `SELECT ${macro.sql}`, path);
    }
  }
}

function isOpaque(references: References, catalogue: Catalogue): boolean {
  const functions = [...references.functions, ...references.tableFunctions];
  return (
    references.others.size > 0 ||
    functions.some((name) => READS_BY_TEXT.has(name)) ||
    [...references.tableFunctions].some((name) => !HARMLESS.has(name) && !catalogue.macros.has(name))
  );
}

/** The relation a name stands for. DuckDB reads `a.b` as schema a or as catalog a. */
function resolve(
  reference: TableReference,
  catalogue: Catalogue,
  path: Catalogue['searchPath'],
): Relation | undefined {
  const { catalogName, schemaName, name } = reference;
  const named = catalogue.relations.filter((relation) => relation.name.toLowerCase() === name);
  const within = (catalog: string, schema: string) =>
    named.find(
      (relation) =>
        (catalog === '' || relation.catalogName.toLowerCase() === catalog) &&
        (schema === '' || relation.schemaName.toLowerCase() === schema),
    );
  if (catalogName !== '') return within(catalogName, schemaName);
  if (schemaName !== '') {
    for (const place of path) {
      const relation = within(place.catalogName.toLowerCase(), schemaName);
      if (relation) return relation;
    }
    return within(schemaName, 'main');
  }
  for (const place of path) {
    const relation = within(place.catalogName.toLowerCase(), place.schemaName.toLowerCase());
    if (relation) return relation;
  }
  return undefined;
}

/** The syntax of a SELECT; null for anything else. */
async function parsed(connection: DuckDBConnection, query: string): Promise<unknown> {
  const result = await connection.run(`SELECT json_serialize_sql(${quoteText(query)})`);
  const [[text]] = (await result.getRows()) as [[string]];
  const told = JSON.parse(text);
  return told['error'] === false ? told['statements'] : null;
}
