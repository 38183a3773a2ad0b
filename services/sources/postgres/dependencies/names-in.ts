import { isSyntax, listOf, type Syntax, textsOf } from './syntax.js';

export interface RelationName {
  /** Null: looked for along the search path. */
  readonly schemaName: string | null;
  readonly name: string;
  /** False for `ONLY table`: its partitions and children are not read. */
  readonly withChildren: boolean;
}

export interface FunctionName {
  readonly schemaName: string | null;
  readonly name: string;
  readonly argumentsCount: number;
}

/** What a query names, as written. */
export interface Names {
  readonly relations: readonly RelationName[];
  readonly functions: readonly FunctionName[];
  /** `row.name` is a column, or a call of a function of that row. */
  readonly members: readonly string[];
  readonly operators: readonly string[];
}

/** No table is read by these; `FOR UPDATE OF` names aliases. */
const NOT_READ = new Set(['withClause', 'lockingClause', 'intoClause']);

/** Collects the names in a syntax tree. Common table expressions are not tables, each only where it is in scope. */
export function namesIn(tree: unknown): Names {
  const relations: RelationName[] = [];
  const functions: FunctionName[] = [];
  const members = new Set<string>();
  const operators = new Set<string>();
  walk(tree, new Set());
  return { relations, functions, members: [...members], operators: [...operators] };

  function walk(node: unknown, scope: ReadonlySet<string>): void {
    if (Array.isArray(node)) {
      for (const child of node) walk(child, scope);
    } else if (isSyntax(node)) {
      const inner = isSyntax(node['withClause']) ? walkWith(node['withClause'], scope) : scope;
      note(node, inner);
      for (const [key, child] of Object.entries(node)) if (!NOT_READ.has(key)) walk(child, inner);
    }
  }

  /** Returns the scope of what follows. A query sees those before it; with RECURSIVE all, itself and later ones too. */
  function walkWith(clause: Syntax, scope: ReadonlySet<string>): ReadonlySet<string> {
    const expressions = listOf(clause['ctes']).flatMap((each) => {
      const expression = isSyntax(each) ? each['CommonTableExpr'] : null;
      return isSyntax(expression) ? [expression] : [];
    });
    const inner = new Set(scope);
    if (clause['recursive'] === true) for (const { ctename } of expressions) inner.add(String(ctename));
    for (const { ctename, ctequery } of expressions) {
      // A scope of its own: names that are added later are not in it.
      walk(ctequery, new Set(inner));
      inner.add(String(ctename));
    }
    return inner;
  }

  function note(node: Syntax, scope: ReadonlySet<string>): void {
    if (typeof node['relname'] === 'string') noteRelation(node, node['relname'], scope);
    // CREATE FUNCTION has a `funcname` too, and calls nothing by it.
    if (typeof node['funcformat'] === 'string') noteFunction(node);
    const names = textsOf(node['fields']).slice(1).concat(textsOf(node['indirection']));
    for (const name of names) members.add(name);
    if (isSyntax(node['A_Expr'])) operators.add(textsOf(node['A_Expr']['name']).at(-1) ?? '');
    for (const name of [...textsOf(node['operName']), ...textsOf(node['useOp'])]) operators.add(name);
  }

  function noteRelation(node: Syntax, name: string, scope: ReadonlySet<string>): void {
    const schemaName = typeof node['schemaname'] === 'string' ? node['schemaname'] : null;
    if (schemaName === null && scope.has(name)) return;
    relations.push({ schemaName, name, withChildren: node['inh'] === true });
  }

  function noteFunction(node: Syntax): void {
    const names = textsOf(node['funcname']);
    const name = names.at(-1) ?? '';
    const ordered = node['agg_within_group'] === true ? listOf(node['agg_order']) : [];
    // In FROM, `unnest(a, b)` is `unnest(a)` beside `unnest(b)`.
    const argumentsCount = name === 'unnest' ? 1 : listOf(node['args']).length + ordered.length;
    functions.push({ schemaName: names.at(-2) ?? null, name, argumentsCount });
  }
}
