import type { DuckDBConnection } from '@duckdb/node-api';
import { type CheckedStatement, StatementRejected } from '../source.js';
import { type Catalogue, type Relation, relationName } from './catalogue.js';
import { explainedTables } from './explained-tables.js';
import { parseSelects } from './syntax.js';
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

/** Internal macros that look into the catalogue of the database. */
const READS_CATALOGUE = new Set(['pg_get_viewdef', 'pg_get_expr', 'pg_get_constraintdef', 'get_block_size']);

/** A statement in DuckDB's spelling, and the same with NULL for every value: only that can be planned. */
export interface TextToRead {
  /** Of the first, by parseSelects. */
  readonly syntax: unknown;
  readonly sqlWithNulls: string;
}

export interface TablesRead extends Pick<CheckedStatement, 'tables' | 'verdict'> {
  /** Whether a macro that the query calls reads a table: what it reads of it, its text does not tell. */
  readonly readsInMacro: boolean;
}

/** Whose text names something: what a view is made of is the view's affair, whatever it calls. */
type Origin = 'query' | 'macro' | 'view';

/**
 * The tables and views that a SELECT reads, views and macros taken apart. DuckDB's parser names them (getTableNames returns
 * nothing for parameters and joins), and its plan has to agree: `over` when it does without some of them, `unknown` when
 * something reads in a way that the names do not tell. Rejects what only looks like a SELECT.
 */
export async function tablesRead(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  text: TextToRead,
): Promise<TablesRead> {
  const relations = new Set<Relation>();
  const seen = new Set<unknown>();
  let isUnknown = false;
  let isOver = false;
  let readsInMacro = false;
  await visit(text.syntax, catalogue.searchPath, 'query');
  const explained = await explainedTables(connection, catalogue, text.sqlWithNulls);
  const tables = new Set([...relations].map(relationName));
  const own = [...relations].filter(({ viewSql }) => viewSql === null).map(relationName);
  if (explained === null || own.some((table) => !explained.has(table))) isOver = true;
  for (const table of explained ?? []) tables.add(table);
  const verdict = isUnknown ? 'unknown' : isOver ? 'over' : 'exact';
  return { tables: [...tables].sort(), verdict, readsInMacro };

  async function visit(syntax: unknown, path: Catalogue['searchPath'], origin: Origin): Promise<void> {
    if (syntax === null) {
      isUnknown = true;
      return;
    }
    const references = referencesIn(syntax);
    if (references.others.has('SHOW_REF')) {
      // SHOW, DESCRIBE and SUMMARIZE pass for SELECTs when they are prepared.
      throw new StatementRejected('Only a SELECT can be a query here.', 0);
    }
    if (isOpaque(references, catalogue)) isUnknown = true;
    for (const reference of references.tables) await visitTable(reference, path, origin);
    for (const name of [...references.functions, ...references.tableFunctions])
      await visitMacros(name, path, origin);
  }

  async function visitTable(
    reference: TableReference,
    path: Catalogue['searchPath'],
    origin: Origin,
  ): Promise<void> {
    if (origin === 'macro') readsInMacro = true;
    const relation = resolve(reference, catalogue, path);
    if (!relation) {
      // A system table, or a name that only running would resolve.
      isUnknown = true;
      return;
    }
    relations.add(relation);
    if (relation.viewSql === null || seen.has(relation)) return;
    seen.add(relation);
    const syntax = await parseSelects(connection, relation.viewSql.replace(VIEW_HEAD, ''));
    await visit(syntax, [relation, ...path], 'view');
  }

  async function visitMacros(name: string, path: Catalogue['searchPath'], origin: Origin): Promise<void> {
    const visited = `${origin === 'view' ? 'view' : 'query'} ${name}`;
    if (seen.has(visited)) return;
    seen.add(visited);
    const countBefore = relations.size;
    const definitions = catalogue.macros.get(name) ?? [];
    for (const { sql, isTable } of definitions) {
      const syntax = await parseSelects(connection, isTable ? sql : `SELECT ${sql}`);
      await visit(syntax, path, origin === 'view' ? 'view' : 'macro');
    }
    // Which of them is meant, its arguments decide.
    if (definitions.length > 1 && relations.size > countBefore) isOver = true;
  }
}

function isOpaque(references: References, catalogue: Catalogue): boolean {
  const functions = [...references.functions, ...references.tableFunctions];
  return (
    references.others.size > 0 ||
    functions.some((name) => READS_BY_TEXT.has(name) || READS_CATALOGUE.has(name)) ||
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
