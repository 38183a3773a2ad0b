import { parsePlpgsql, parseSql } from './parser.js';
import { isSyntax, listOf, textsOf } from './syntax.js';

/** The syntax of what a function runs; null where only running it would tell. */
export interface FunctionBody {
  /** Names in it are resolved when it is called, along its own search path. */
  readonly late: readonly unknown[];
  /** Written out by PostgreSQL, names as this session would look for them: arguments' defaults, and a body in BEGIN ATOMIC. */
  readonly early: readonly unknown[];
}

/** The body of an SQL function, from its CREATE FUNCTION. */
export async function sqlBody(definition: string): Promise<FunctionBody | null> {
  const tree = await parseSql(definition);
  if (tree === null) return null;
  const late = await Promise.all(sourceTexts(tree).map(parseSql));
  return late.every(isFollowed) ? { late, early: [tree] } : null;
}

/** The body of a plpgsql function; null also where it makes up a statement as it runs. */
export async function plpgsqlBody(definition: string): Promise<FunctionBody | null> {
  const early = await parseSql(definition);
  // Without a catalogue the parser does not know the fields of a row's type; those of a record may be any.
  const tree =
    (await parsePlpgsql(definition)) ?? (await parsePlpgsql(definition.replace(ROW_TYPE, ' record')));
  if (tree === null || early === null) return null;
  const queries: { readonly query: string; readonly mode: unknown }[] = [];
  if (!collect(tree, queries)) return null;
  const late = await Promise.all(queries.map(({ query, mode }) => parseSql(asSelect(query, mode))));
  return late.every(isFollowed) ? { late, early: [early] } : null;
}

const FOLLOWED = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CallStmt']);

/** Other statements decide what later ones read: SET search_path, CREATE TABLE, EXECUTE. */
function isFollowed(tree: unknown): boolean {
  const statements = isSyntax(tree) ? listOf(tree['stmts']) : null;
  return (
    statements?.every((each) => {
      const statement = isSyntax(each) ? each['stmt'] : null;
      return isSyntax(statement) && Object.keys(statement).every((kind) => FOLLOWED.has(kind));
    }) ?? false
  );
}

const ROW_TYPE = /\s[\w."]+%ROWTYPE\b/gi;

/** What stands after AS. */
function sourceTexts(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(sourceTexts);
  if (!isSyntax(tree)) return [];
  const element = tree['DefElem'];
  if (isSyntax(element) && element['defname'] === 'as') {
    const list = isSyntax(element['arg']) ? element['arg']['List'] : null;
    return isSyntax(list) ? textsOf(listOf(list['items'])) : [];
  }
  return Object.values(tree).flatMap(sourceTexts);
}

const DYNAMIC = ['dynquery', 'PLpgSQL_stmt_dynexecute', 'PLpgSQL_stmt_dynfors'];

/** False where a text becomes a statement at run time. */
function collect(node: unknown, queries: { query: string; mode: unknown }[]): boolean {
  if (Array.isArray(node)) return node.every((child) => collect(child, queries));
  if (!isSyntax(node)) return true;
  if (DYNAMIC.some((key) => key in node)) return false;
  const expression = node['PLpgSQL_expr'];
  if (isSyntax(expression) && typeof expression['query'] === 'string')
    queries.push({ query: expression['query'], mode: expression['parseMode'] });
  return Object.values(node).every((child) => collect(child, queries));
}

const WHOLE_STATEMENT = 0;
const EXPRESSION = 2;

/** Expressions and assignments as plpgsql has them run: behind a SELECT. */
function asSelect(query: string, mode: unknown): string {
  if (mode === WHOLE_STATEMENT) return query;
  if (mode === EXPRESSION) return `SELECT ${query}`;
  const sign = /:?=/.exec(query);
  if (!sign) return query;
  return `SELECT ${query.slice(0, sign.index)}, ${query.slice(sign.index + sign[0].length)}`;
}
