import { isSyntax, lower, type Syntax } from './syntax.js';

export interface TableReference {
  readonly catalogName: string;
  readonly schemaName: string;
  readonly name: string;
}

/** What a query names, as written. */
export interface References {
  readonly tables: readonly TableReference[];
  /** Lower-case names of the functions it calls in expressions. */
  readonly functions: ReadonlySet<string>;
  /** Lower-case names of the functions it reads from as if they were tables. */
  readonly tableFunctions: ReadonlySet<string>;
  /** Other things it reads from, e.g. SHOW_REF. */
  readonly others: ReadonlySet<string>;
}

/** Where a query reads from is told by the type of its node; these are made of their own children only. */
const TRANSPARENT_REFS = new Set([
  'JOIN',
  'SUBQUERY',
  'EMPTY',
  'EMPTY_FROM',
  'EXPRESSION_LIST',
  'PIVOT',
  'COLUMN_DATA',
  'CTE',
]);

/** Collects the names in a query. Common table expressions are not tables, each only where it is in scope. */
export function referencesIn(query: unknown): References {
  const found = {
    tables: [] as TableReference[],
    functions: new Set<string>(),
    tableFunctions: new Set<string>(),
    others: new Set<string>(),
  };
  walk(query, new Set());
  return found;

  function walk(node: unknown, scope: ReadonlySet<string>): void {
    if (Array.isArray(node)) {
      for (const child of node) walk(child, scope);
    } else if (isSyntax(node)) {
      const inner = visitExpressions(node, scope);
      note(node, inner);
      const first = isRecursive(node) ? without(lower(node['cte_name']), { inner, scope }) : inner;
      for (const [key, child] of Object.entries(node))
        if (key !== 'cte_map') walk(child, key === 'left' ? first : inner);
    }
  }

  /** Walks the WITH of a node; returns the scope of its other parts. A query sees the ones before it, a recursive one itself. */
  function visitExpressions(node: Syntax, scope: ReadonlySet<string>): ReadonlySet<string> {
    const entries = isSyntax(node['cte_map']) ? node['cte_map']['map'] : [];
    if (!isRecursive(node) && (!Array.isArray(entries) || entries.length === 0)) return scope;
    const inner = new Set(scope);
    if (isRecursive(node)) inner.add(lower(node['cte_name']));
    for (const entry of Array.isArray(entries) ? entries : []) {
      walk(entry['value'], inner);
      inner.add(lower(entry['key']));
    }
    return inner;
  }

  function note(node: Syntax, scope: ReadonlySet<string>): void {
    const type = String(node['type']);
    if (type === 'BASE_TABLE') noteTable(node, scope);
    else if (type === 'TABLE_FUNCTION') noteTableFunction(node);
    else if (type.endsWith('_REF') && node['class'] === undefined && !TRANSPARENT_REFS.has(type)) {
      found.others.add(type);
    }
    if (typeof node['function_name'] === 'string') found.functions.add(lower(node['function_name']));
  }

  function noteTable(node: Syntax, scope: ReadonlySet<string>): void {
    const reference = {
      catalogName: lower(node['catalog_name']),
      schemaName: lower(node['schema_name']),
      name: lower(node['table_name']),
    };
    const isExpression = reference.schemaName === '' && scope.has(reference.name);
    if (!isExpression) found.tables.push(reference);
  }

  function noteTableFunction(node: Syntax): void {
    const call = node['function'];
    const name = isSyntax(call) ? lower(call['function_name']) : '';
    found.tableFunctions.add(name);
  }
}

function isRecursive(node: Syntax): boolean {
  return node['type'] === 'RECURSIVE_CTE_NODE';
}

/** What the first arm of a recursive query sees: there, the name of the query is that of a table. */
function without(
  name: string,
  { inner, scope }: Record<'inner' | 'scope', ReadonlySet<string>>,
): ReadonlySet<string> {
  return new Set([...inner].filter((each) => each !== name || scope.has(name)));
}
