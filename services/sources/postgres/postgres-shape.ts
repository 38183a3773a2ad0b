import {
  type Ctes,
  type FromShape,
  type OutputShape,
  onlyShape,
  type QueryShape,
  type SelectShape,
  type ShapeOptions,
  unknownShape,
  withoutOutput,
} from '../query-shape.js';
import { isSyntax, listOf, type Syntax, textOf, textsOf } from './dependencies/syntax.js';
import { conditionOf, operandOf } from './postgres-conditions.js';

const JOINS: Readonly<Record<string, 'inner' | 'left' | 'right' | 'full'>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

/** The shape of a tree of libpg-query. */
export function postgresShape(tree: unknown, options: ShapeOptions): QueryShape {
  const reader = new ShapeReader(options);
  return onlyShape(listOf(childOf(tree, 'stmts')), (only) => reader.query(childOf(only, 'stmt')));
}

class ShapeReader {
  readonly #options: ShapeOptions;

  constructor(options: ShapeOptions) {
    this.#options = options;
  }

  /** Of `{ SelectStmt }`. */
  query(statement: unknown): QueryShape {
    const select = childOf(statement, 'SelectStmt');
    // What the parser does not know, and what is no SELECT, must not pass for a query that reads nothing.
    return isSyntax(select) ? this.#select(select) : unknownShape('what cannot be read as a SELECT');
  }

  #select(select: Syntax): QueryShape {
    const ctes = this.#ctes(select['withClause']);
    const { op, larg, rarg, withClause: _with, ...beside } = select;
    if (op === 'SETOP_NONE' || op === undefined) return { kind: 'select', ctes, select: this.#plain(beside) };
    // The arms of a set operation stand there without the node around them.
    const arms = [larg, rarg].map((arm) => this.query({ SelectStmt: arm }));
    return { kind: 'arms', ctes, arms, nested: this.#nested(beside) };
  }

  #plain({ fromClause, ...rest }: Syntax): SelectShape {
    return {
      from: listOf(fromClause).map((item) => this.#from(item)),
      where: conditionOf(rest['whereClause'], this.#options.bindAt),
      output: listOf(rest['targetList']).map((target) => this.#output(target)),
      nested: this.#nested(rest),
      whereAliases: new Set(),
    };
  }

  #ctes(clause: unknown): Ctes {
    const sees = childOf(clause, 'recursive') === true ? 'all' : 'before';
    return listOf(childOf(clause, 'ctes')).map((each) => {
      const cte = childOf(each, 'CommonTableExpr');
      const query = this.query(childOf(cte, 'ctequery'));
      const isRenaming = listOf(childOf(cte, 'aliascolnames')).length > 0;
      return {
        name: String(childOf(cte, 'ctename')),
        query: isRenaming ? withoutOutput(query) : query,
        sees,
      };
    });
  }

  #from(item: unknown): FromShape {
    const [[type, node] = ['nothing', {}]] = Object.entries(isSyntax(item) ? item : {});
    if (!isSyntax(node)) return unknownShape(`${type} in FROM`);
    if (type === 'RangeVar') return this.#table(node);
    if (type === 'RangeSubselect') return this.#subSelect(node);
    // What a function reads beside its arguments, the walk through the catalogue tells.
    if (type === 'RangeFunction')
      return {
        kind: 'values',
        alias: aliasOf(node) ?? functionName(node),
        nested: this.#nested(node['functions']),
      };
    return type === 'JoinExpr' ? this.#join(node) : unknownShape(`${type} in FROM`);
  }

  #table(node: Syntax): FromShape {
    const { relname, schemaname, location } = node;
    if (isRenamed(childOf(node['alias'], 'colnames')))
      return unknownShape('a table whose columns are given other names');
    return {
      kind: 'table',
      schema: typeof schemaname === 'string' ? schemaname : '',
      name: String(relname),
      alias: aliasOf(node) ?? String(relname),
      offset: this.#options.offsetOf(Number(location ?? 0)),
    };
  }

  #subSelect(node: Syntax): FromShape {
    const query = this.query(node['subquery']);
    return {
      kind: 'query',
      query: isRenamed(childOf(node['alias'], 'colnames')) ? withoutOutput(query) : query,
      alias: aliasOf(node) ?? '',
      isLateral: node['lateral'] === true,
    };
  }

  #join(node: Syntax): FromShape {
    const type = JOINS[String(node['jointype'])];
    if (!type) return unknownShape(`${String(node['jointype'])} in FROM`);
    if (node['isNatural'] === true) return unknownShape('a NATURAL JOIN, whose columns no text tells');
    if (node['alias'] !== undefined || node['join_using_alias'] !== undefined)
      return unknownShape('a join that has a name of its own');
    return {
      kind: 'join',
      type,
      left: this.#from(node['larg']),
      right: this.#from(node['rarg']),
      on: conditionOf(node['quals'], this.#options.bindAt),
      using: textsOf(node['usingClause']),
      nested: this.#nested(node['quals']),
    };
  }

  #output(item: unknown): OutputShape {
    const target = childOf(item, 'ResTarget');
    const value = childOf(target, 'val');
    const fields = listOf(childOf(childOf(value, 'ColumnRef'), 'fields'));
    if (childOf(fields.at(-1), 'A_Star') !== undefined)
      return { kind: 'star', table: fields.length > 1 ? textOf(fields[0]) : null };
    const operand = operandOf(value, this.#options.bindAt);
    const named = childOf(target, 'name');
    const own = operand.kind === 'column' ? operand.name : null;
    return { kind: 'value', name: typeof named === 'string' ? named : own, value: operand };
  }

  #nested(node: unknown): QueryShape[] {
    if (Array.isArray(node)) return node.flatMap((child) => this.#nested(child));
    if (!isSyntax(node)) return [];
    return Object.entries(node).flatMap(([key, child]) =>
      key === 'SelectStmt' ? [this.query({ SelectStmt: child })] : this.#nested(child),
    );
  }
}

function aliasOf(node: Syntax): string | null {
  const name = childOf(node['alias'], 'aliasname');
  return typeof name === 'string' ? name : null;
}

/** A function in FROM without an alias is called by its name. */
function functionName(node: unknown): string {
  if (Array.isArray(node)) return node.map(functionName).find((name) => name !== '') ?? '';
  if (!isSyntax(node)) return '';
  if (isSyntax(node['FuncCall'])) return textsOf(node['FuncCall']['funcname']).at(-1) ?? '';
  return functionName(Object.values(node));
}

function isRenamed(names: unknown): boolean {
  return listOf(names).length > 0;
}

function childOf(node: unknown, key: string): unknown {
  return isSyntax(node) ? node[key] : undefined;
}
