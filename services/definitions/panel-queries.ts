import { isScalar } from 'yaml';
import type { PanelContext, PanelYaml } from './build-panel.js';
import { parseJsonPointer } from './json-pointer.js';
import type { PanelQuery, Statement } from './model.js';
import { rememberSpot } from './origins.js';
import { readStatement } from './read-statement.js';
import { parseRequestTemplate } from './request-template.js';
import type { Path } from './shape.js';
import type { SourceDefinition } from './source-definitions.js';
import { parseStatement } from './statement.js';

type Context = Pick<PanelContext, 'shape' | 'faults'>;

export interface PanelQueries {
  readonly queries: PanelQuery[];
  /** Whether all of them could be read: otherwise nobody knows what the panel binds. */
  readonly complete: boolean;
}

/** What a panel asks its source: SQL of databases, a path of HTTP sources; `source` is undefined where it has a fault already. */
export function panelQueries(
  yaml: PanelYaml,
  source: SourceDefinition | undefined,
  context: Context,
): PanelQueries {
  checkKind(yaml, source, context);
  const { shape } = context;
  const paths = queryPaths(yaml, context);
  const queries = paths.flatMap((at): PanelQuery[] => {
    const statement = statementAt(at, yaml, context);
    if (!statement) return [];
    const name = at.length === yaml.path.length + 1 ? null : String(at.at(-1));
    const query = { name, statement, place: shape.keySpot(...at).place };
    rememberSpot(query, () => shape.keySpot(...at));
    return [query];
  });
  return { queries, complete: paths.length > 0 && queries.length === paths.length };
}

/** SQL for a database, a path for an HTTP source: one that is written for the other is a mistake in one of two places. */
function checkKind(
  { path, kind }: PanelYaml,
  source: SourceDefinition | undefined,
  { shape, faults }: Context,
): void {
  const label = `"${String(path.at(-1))}"`;
  const isHttp = source?.type === 'http';
  const sqlKeys = ['query', ...(kind === 'chart' ? [] : ['queries'])];
  const sql = sqlKeys.find((key) => shape.has(...path, key));
  const request = ['path', 'rows'].find((key) => shape.has(...path, key));
  if (isHttp && sql !== undefined)
    faults.add(
      shape.keySpot(...path, sql),
      `${label} asks the HTTP source "${source.name}", which knows no "${sql}"`,
      'write a "path", or name a database as its source',
    );
  else if (source && !isHttp && request !== undefined)
    faults.add(
      shape.keySpot(...path, request),
      `"${request}" is for HTTP sources, and "${source.name}" is a database`,
      'write a "query", or name an HTTP source',
    );
  else if (sql !== undefined && shape.has(...path, 'path'))
    faults.add(shape.keySpot(...path, 'path'), `${label} has both "${sql}" and "path"`, 'keep one of them');
  if (sql !== undefined || shape.has(...path, 'queries') || shape.has(...path, 'path')) return;
  const lacks = isHttp
    ? (['path', 'a panel of an HTTP source shows what is answered there'] as const)
    : (['query', 'a panel shows what a SELECT gives'] as const);
  faults.add(shape.keySpot(...path), `${label} lacks "${lacks[0]}"`, lacks[1]);
}

function queryPaths({ path, kind, keys }: PanelYaml, { shape, faults }: Context): Path[] {
  const hasQuery = shape.has(...path, 'query');
  const hasQueries = shape.has(...path, 'queries') && kind !== 'chart';
  if (hasQuery && hasQueries)
    faults.add(
      shape.keySpot(...path, 'queries'),
      `"${String(path.at(-1))}" has both "query" and "queries"`,
      'keep one of them',
    );
  const names = hasQueries ? shape.keys(...path, 'queries') : [];
  if (hasQueries && names.length === 0 && keys.queries)
    faults.add(shape.keySpot(...path, 'queries'), '"queries" holds no query', 'name one: tasks: SELECT ...');
  return [
    ...(hasQuery ? [[...path, 'query']] : []),
    ...names.map((name) => [...path, 'queries', name]),
    ...(shape.has(...path, 'path') ? [[...path, 'path']] : []),
  ];
}

function statementAt(at: Path, yaml: PanelYaml, { shape, faults }: Context): Statement | null {
  const { keys, path, kind } = yaml;
  const node = shape.valueNode(...at);
  const isSingle = at.length === path.length + 1;
  if (isSingle && at.at(-1) === 'path') {
    const pointer = pointerOf(yaml, { shape, faults });
    if (!node || keys.path === undefined || !pointer) return null;
    const gives = kind === 'chart' ? 'rows' : 'row';
    return readStatement({ file: shape.file, node }, faults, (text) =>
      parseRequestTemplate(text, { pointer, gives }),
    );
  }
  const text = isSingle ? keys.query : keys.queries?.[String(at.at(-1))];
  // Without a text it has its fault already.
  return node && text !== undefined
    ? readStatement({ file: shape.file, node }, faults, parseStatement)
    : null;
}

/** The tokens of `rows`; null after a fault. */
function pointerOf({ keys, path }: PanelYaml, { shape, faults }: Context): readonly string[] | null {
  if (!shape.has(...path, 'rows')) return [];
  if (keys.rows === undefined || !isScalar(shape.valueNode(...path, 'rows'))) return null;
  const pointer = parseJsonPointer(keys.rows);
  if (!('fault' in pointer)) return pointer;
  faults.add(shape.valueSpot(...path, 'rows'), pointer.fault, pointer.hint);
  return null;
}
