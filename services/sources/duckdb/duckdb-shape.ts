import {
  type Ctes,
  type FromShape,
  type JoinType,
  OTHER,
  type OutputShape,
  onlyShape,
  type QueryShape,
  type SelectShape,
  type ShapeOptions,
  unknownShape,
  withoutOutput,
} from '../query-shape.js';
import { conditionOf, operandOf } from './duckdb-conditions.js';
import { childOf, isSyntax, listOf, lower, type Syntax } from './syntax.js';

/** A semi join keeps rows that have a partner, an anti join those that have none: neither shows its right side. */
const JOINS: Readonly<Record<string, JoinType>> = {
  INNER: 'inner',
  LEFT: 'left',
  RIGHT: 'right',
  FULL: 'full',
  SEMI: 'inner',
  ANTI: 'left',
};

/** The shape of the statements that parseSelects gives. */
export function duckdbShape(statements: unknown, options: ShapeOptions): QueryShape {
  const reader = new ShapeReader(options);
  return onlyShape(listOf(statements), (only) => reader.query(childOf(only, 'node')));
}

class ShapeReader {
  readonly #options: ShapeOptions;

  constructor(options: ShapeOptions) {
    this.#options = options;
  }

  query(node: unknown): QueryShape {
    if (!isSyntax(node)) return unknownShape('what cannot be read as a SELECT');
    const { type, cte_map: withs, left, right, ...rest } = node;
    const ctes = listOf(childOf(withs, 'map')).map((each) => this.#cte(each));
    if (type === 'SELECT_NODE') return this.#select(ctes, rest);
    if (type !== 'SET_OPERATION_NODE' && type !== 'RECURSIVE_CTE_NODE')
      return unknownShape(`${String(type)}`);
    const arms = [left, right].map((arm) => this.query(arm));
    return { kind: 'arms', ctes, arms, nested: this.#nested(rest) };
  }

  #select(ctes: Ctes, { from_table: from, ...rest }: Syntax): QueryShape {
    if (isSyntax(rest['sample'])) return unknownShape('a sample, which is taken of the rows of all tenants');
    const output = listOf(rest['select_list']);
    const select: SelectShape = {
      from: childOf(from, 'type') === 'EMPTY' ? [] : [this.#from(from)],
      where: conditionOf(rest['where_clause'], this.#options.bindAt),
      output: output.map((item) => this.#output(item)),
      nested: this.#nested(rest),
      whereAliases: new Set(output.flatMap(newName)),
    };
    return { kind: 'select', ctes, select };
  }

  #cte(entry: unknown): Ctes[number] {
    const value = childOf(entry, 'value');
    const node = childOf(childOf(value, 'query'), 'node');
    const query = this.query(node);
    return {
      name: lower(childOf(entry, 'key')),
      query: listOf(childOf(value, 'aliases')).length > 0 ? withoutOutput(query) : query,
      sees: childOf(node, 'type') === 'RECURSIVE_CTE_NODE' ? 'itself' : 'before',
    };
  }

  #from(node: unknown): FromShape {
    if (!isSyntax(node)) return unknownShape('what stands in FROM');
    const { type } = node;
    if (isSyntax(node['sample'])) return unknownShape('a sample, which is taken of the rows of all tenants');
    if (type === 'BASE_TABLE') return this.#table(node);
    if (type === 'SUBQUERY') return this.#subSelect(node);
    if (type === 'JOIN') return this.#join(node);
    // What a function reads beside its arguments, the names in the query tell.
    if (type !== 'TABLE_FUNCTION' && type !== 'EXPRESSION_LIST')
      return unknownShape(`${String(type)} in FROM`);
    const name = childOf(node['function'], 'function_name');
    return { kind: 'values', alias: lower(node['alias']) || lower(name), nested: this.#nested(node) };
  }

  #table(node: Syntax): FromShape {
    const name = lower(node['table_name']);
    if (isRenamed(node)) return unknownShape('a table whose columns are given other names');
    return {
      kind: 'table',
      schema: [lower(node['catalog_name']), lower(node['schema_name'])]
        .filter((part) => part !== '')
        .join('.'),
      name,
      alias: lower(node['alias']) || name,
      offset: this.#options.offsetOf(Number(node['query_location'] ?? 0)),
    };
  }

  #subSelect(node: Syntax): FromShape {
    const query = this.query(childOf(node['subquery'], 'node'));
    return {
      kind: 'query',
      query: isRenamed(node) ? withoutOutput(query) : query,
      alias: lower(node['alias']),
      // Whether the word LATERAL is written or not.
      isLateral: true,
    };
  }

  #join(node: Syntax): FromShape {
    const { join_type: joinType, ref_type: refType, condition } = node;
    const type = JOINS[String(joinType)];
    if (!type || (refType !== 'REGULAR' && refType !== 'CROSS'))
      return unknownShape(`${String(refType)} ${String(joinType)} JOIN`);
    return {
      kind: 'join',
      type,
      left: this.#from(node['left']),
      right: this.#from(node['right']),
      on: conditionOf(condition, this.#options.bindAt),
      using: listOf(node['using_columns']).map(lower),
      nested: this.#nested(condition),
    };
  }

  #output(item: unknown): OutputShape {
    if (!isSyntax(item)) return { kind: 'value', name: null, value: OTHER };
    if (item['class'] === 'STAR') return starOf(item);
    const value = operandOf(item, this.#options.bindAt);
    const own = item['type'] === 'COLUMN_REF' && value.kind === 'column' ? value.name : null;
    return { kind: 'value', name: lower(item['alias']) || own, value };
  }

  #nested(node: unknown): QueryShape[] {
    if (Array.isArray(node)) return node.flatMap((child) => this.#nested(child));
    if (!isSyntax(node)) return [];
    if (String(node['type']).endsWith('_NODE')) return [this.query(node)];
    return Object.values(node).flatMap((child) => this.#nested(child));
  }
}

/** COLUMNS(...), and a star of which columns are left out or replaced, may show anything under a name. */
function starOf({
  columns,
  relation_name: relation,
  exclude_list,
  replace_list,
  ...rest
}: Syntax): OutputShape {
  const isChanged = [exclude_list, replace_list, rest['rename_list'], rest['qualified_exclude_list']].some(
    (list) => listOf(list).length > 0,
  );
  if (columns === true || isChanged) return { kind: 'any' };
  return { kind: 'star', table: lower(relation) || null };
}

/** A name that is given in the list, unless it is the column's own. */
function newName(item: unknown): string[] {
  const alias = lower(childOf(item, 'alias'));
  const [own, ...more] = listOf(childOf(item, 'column_names')).map(lower).reverse();
  return alias === '' || (alias === own && more.length <= 1) ? [] : [alias];
}

function isRenamed(node: Syntax): boolean {
  return listOf(node['column_name_alias']).length > 0;
}
