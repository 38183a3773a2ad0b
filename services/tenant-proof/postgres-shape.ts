import type {
  Condition,
  Ctes,
  FromShape,
  Operand,
  OutputShape,
  QueryShape,
  SelectShape,
} from './query-shape.js';
import { NO_CONDITION } from './query-shape.js';

type Node = { readonly [key: string]: unknown };
const NO_CTES: Ctes = { isRecursive: false, items: [] };
const HARMLESS = new Set([
  'generate_series',
  'unnest',
  'json_array_elements',
  'jsonb_array_elements',
  'regexp_split_to_table',
  'string_to_table',
]);
const READS_BY_TEXT =
  /^(?:dblink|query_to|table_to|schema_to|database_to|cursor_to|pg_read|pg_ls|lo_|ts_stat)/;
/** Casts that never make two values one. */
const KEEPS_VALUES = new Set(['text', 'varchar', 'int8', 'uuid']);
const JOINS: Readonly<Record<string, 'inner' | 'left' | 'right' | 'full'>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

/** The shape of a tree of libpg-query; `isTenant` tells whether `$n` is the tenant. */
export function postgresShape(tree: unknown, isTenant: (number: number) => boolean): QueryShape {
  const [only, ...more] = list(node(tree)['stmts']);
  const stmt = node(only)['stmt'];
  return more.length > 0 ? unknown('several statements') : queryOf(stmt);

  function queryOf(wrapped: unknown): QueryShape {
    const select = node(wrapped)['SelectStmt'] ?? wrapped;
    // What the parser does not know, and what is no SELECT, must not pass for a query that reads nothing.
    if (
      typeof select !== 'object' ||
      select === null ||
      Object.keys(select).some((key) => key.endsWith('Stmt'))
    )
      return unknown('a statement that cannot be read as a SELECT');
    const s = node(select);
    const ctes = ctesOf(s['withClause']);
    const op = s['op'];
    if (op !== undefined && op !== 'SETOP_NONE')
      return {
        kind: 'arms',
        ctes,
        arms: [queryOf(s['larg']), queryOf(s['rarg'])],
        nested: nestedIn([s['sortClause'], s['limitCount'], s['limitOffset']]),
      };
    const reads = textReadIn(s);
    if (reads !== null) return unknown(`${reads}() may read any table`);
    return { kind: 'select', ctes, select: selectOf(s) };
  }

  function selectOf(s: Node): SelectShape {
    const { fromClause, withClause: _with, ...rest } = s;
    return {
      from: list(fromClause).map(fromOf),
      where: conditionOf(s['whereClause']),
      output: list(s['targetList']).map(outputOf),
      nested: nestedIn(rest),
      whereAliases: new Set(),
    };
  }

  function ctesOf(clause: unknown): Ctes {
    if (clause === undefined) return NO_CTES;
    const items = list(node(clause)['ctes']).map((each) => {
      const cte = node(node(each)['CommonTableExpr']);
      const query = queryOf(cte['ctequery']);
      // Renamed columns are told of no more.
      const isRenamed = list(cte['aliascolnames']).length > 0;
      return {
        name: text(cte['ctename']),
        query: isRenamed && query.kind === 'select' ? renamed(query) : query,
      };
    });
    return { isRecursive: node(clause)['recursive'] === true, items };
  }

  function fromOf(wrapped: unknown): FromShape {
    const [[type, value] = ['', {}]] = Object.entries(node(wrapped));
    const n = node(value);
    const alias = text(node(n['alias'])['aliasname']);
    const isRenamed = list(node(n['alias'])['colnames']).length > 0;
    if (type === 'RangeVar') {
      if (isRenamed) return unknown('a table whose columns are renamed');
      return {
        kind: 'table',
        schema: text(n['schemaname']),
        name: text(n['relname']),
        alias: alias || text(n['relname']),
        isRenamed,
      };
    }
    if (type === 'RangeSubselect') {
      const query = queryOf(n['subquery']);
      return {
        kind: 'query',
        query: isRenamed && query.kind === 'select' ? renamed(query) : query,
        alias,
        isLateral: n['lateral'] === true,
      };
    }
    if (type === 'RangeFunction') {
      const names = functionsIn(n['functions']);
      if (names.length === 0 || names.some((name) => !HARMLESS.has(name)))
        return unknown(`${names[0] ?? 'a function'}() is read as a table`);
      return { kind: 'values', alias: alias || (names[0] ?? ''), nested: nestedIn(n['functions']) };
    }
    const join = JOINS[text(n['jointype'])];
    if (type !== 'JoinExpr' || !join) return unknown(`${type} in FROM`);
    if (n['isNatural'] === true)
      return unknown('a NATURAL JOIN: which columns it compares, only the database knows');
    if (n['alias'] !== undefined || n['join_using_alias'] !== undefined)
      return unknown('a join with a name of its own');
    return {
      kind: 'join',
      type: join,
      left: fromOf(n['larg']),
      right: fromOf(n['rarg']),
      on: conditionOf(n['quals']),
      using: list(n['usingClause']).map(stringOf),
      nested: nestedIn(n['quals']),
    };
  }

  function conditionOf(wrapped: unknown): Condition {
    const n = node(wrapped);
    const bool = node(n['BoolExpr']);
    if (bool['boolop'] === 'AND_EXPR' || bool['boolop'] === 'OR_EXPR')
      return {
        kind: bool['boolop'] === 'AND_EXPR' ? 'and' : 'or',
        items: list(bool['args']).map(conditionOf),
      };
    const expr = node(n['A_Expr']);
    const [name, ...more] = list(expr['name']).map(stringOf);
    if (name !== '=' || more.length > 0) return NO_CONDITION;
    const equal = (right: unknown): Condition => ({
      kind: 'equal',
      left: operandOf(expr['lexpr']),
      right: operandOf(right),
    });
    if (expr['kind'] === 'AEXPR_OP') return equal(expr['rexpr']);
    const array = node(node(expr['rexpr'])[expr['kind'] === 'AEXPR_IN' ? 'List' : 'A_ArrayExpr']);
    const items = list(array['items'] ?? array['elements']);
    const isOne = items.length === 1 && (expr['kind'] === 'AEXPR_IN' || expr['kind'] === 'AEXPR_OP_ANY');
    return isOne ? equal(items[0]) : NO_CONDITION;
  }

  function operandOf(wrapped: unknown): Operand {
    const n = node(wrapped);
    if (n['TypeCast'] !== undefined) {
      const cast = node(n['TypeCast']);
      // The cast that stands around every value of ours says its declared type.
      const number = node(node(cast['arg'])['ParamRef'])['number'];
      if (typeof number === 'number') return isTenant(number) ? { kind: 'tenant' } : { kind: 'other' };
      const type = node(cast['typeName']);
      const isPlain = list(type['typmods']).length === 0 && list(type['arrayBounds']).length === 0;
      return isPlain &&
        KEEPS_VALUES.has(stringOf(list(type['names']).at(-1))) &&
        node(cast['arg'])['ColumnRef'] === undefined
        ? operandOf(cast['arg'])
        : { kind: 'other' };
    }
    const number = node(n['ParamRef'])['number'];
    if (typeof number === 'number') return isTenant(number) ? { kind: 'tenant' } : { kind: 'other' };
    const fields = list(node(n['ColumnRef'])['fields']);
    if (fields.length < 1 || fields.length > 2 || fields.some((each) => stringOf(each) === ''))
      return { kind: 'other' };
    const [first, second] = fields.map(stringOf);
    return second === undefined
      ? { kind: 'column', table: null, name: first ?? '' }
      : { kind: 'column', table: first ?? '', name: second };
  }

  function outputOf(wrapped: unknown): OutputShape {
    const target = node(node(wrapped)['ResTarget']);
    const fields = list(node(node(target['val'])['ColumnRef'])['fields']);
    if (fields.length > 0 && node(fields.at(-1))['A_Star'] !== undefined)
      return { kind: 'star', table: fields.length > 1 ? stringOf(fields[0]) : null };
    const value = operandOf(target['val']);
    const own = value.kind === 'column' ? value.name : null;
    return { kind: 'value', name: text(target['name']) || own, value };
  }

  function nestedIn(value: unknown): QueryShape[] {
    if (Array.isArray(value)) return value.flatMap(nestedIn);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, child]) =>
      key === 'SelectStmt' ? [queryOf(child)] : nestedIn(child),
    );
  }
}

function renamed(query: QueryShape & { kind: 'select' }): QueryShape {
  return { ...query, select: { ...query.select, output: [] } };
}

function textReadIn(value: unknown): string | null {
  return functionsIn(value).find((name) => READS_BY_TEXT.test(name)) ?? null;
}

function functionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(functionsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    ...(key === 'FuncCall' ? [stringOf(list(node(child)['funcname']).at(-1))] : []),
    ...functionsIn(child),
  ]);
}

function unknown(what: string): { kind: 'unknown'; what: string } {
  return { kind: 'unknown', what };
}

function node(value: unknown): Node {
  return typeof value === 'object' && value !== null ? (value as Node) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function stringOf(value: unknown): string {
  return text(node(node(value)['String'])['sval']);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
