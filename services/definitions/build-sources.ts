import { extname, resolve } from 'node:path';
import { parseBudget } from './budget.js';
import { buildHttpSource, DEFAULT_CONCURRENCY_COUNT } from './build-http-source.js';
import { buildPostgresSource } from './build-postgres-source.js';
import { didYouMean, type FaultList } from './fault-list.js';
import { rememberSpot } from './origins.js';
import type {
  DashcacheYaml,
  DuckdbSourceYaml,
  HttpSourceYaml,
  PostgresSourceYaml,
} from './schema-dashcache.js';
import type { Partly, Shape } from './shape.js';
import { sharedTables } from './shared-tables.js';
import type { DuckdbSourceDefinition, SourceDefinition } from './source-definitions.js';
import { isTimezone, nearTimezone } from './timezone.js';

const DATA_FILE_ENDINGS: readonly string[] = ['.csv', '.tsv', '.parquet', '.json', '.ndjson', '.jsonl'];

/** The sources of dashcache.yaml, paths made absolute; those with faults too, as far as they go. */
export function buildSources(
  shape: Shape<DashcacheYaml>,
  faults: FaultList,
): ReadonlyMap<string, SourceDefinition> {
  const sources = new Map<string, SourceDefinition>();
  for (const [name, yaml] of Object.entries(shape.value?.sources ?? {}))
    if (yaml) sources.set(name, buildSource(name, yaml, { shape, faults }));
  if (shape.has('sources') && shape.keys('sources').length === 0)
    faults.add(
      shape.keySpot('sources'),
      'there is no source',
      'name one, such as main: { type: duckdb, path: my.duckdb }',
    );
  return sources;
}

interface Context {
  readonly shape: Shape<DashcacheYaml>;
  readonly faults: FaultList;
}

type SourceYaml = Partly<DuckdbSourceYaml> | Partly<PostgresSourceYaml> | Partly<HttpSourceYaml>;

function buildSource(name: string, yaml: SourceYaml, context: Context): SourceDefinition {
  if (isHttp(yaml)) return buildHttpSource(name, yaml, context);
  if (isPostgres(yaml)) return buildPostgresSource(name, yaml, context);
  return buildDuckdbSource(name, yaml, context);
}

function buildDuckdbSource(
  name: string,
  yaml: Partly<DuckdbSourceYaml>,
  { shape, faults }: Context,
): DuckdbSourceDefinition {
  const at = ['sources', name];
  const absolute = (path: string) => resolve(shape.file.folder, path);
  const hasPath = shape.has(...at, 'path');
  const hasFiles = shape.has(...at, 'files');
  if (hasPath && hasFiles)
    faults.add(
      shape.keySpot(...at, 'files'),
      `"${name}" has both "path" and "files"`,
      'make two sources of them',
    );
  if (!hasPath && !hasFiles)
    faults.add(
      shape.keySpot(...at),
      `"${name}" lacks "path" or "files"`,
      'a database file, or data files named as tables',
    );
  const source: DuckdbSourceDefinition = {
    type: 'duckdb',
    name,
    path: yaml.path === undefined ? null : absolute(yaml.path),
    files: new Map(
      Object.entries(yaml.files ?? {}).flatMap(([table, file]) =>
        file ? [[table, absolute(file)] as const] : [],
      ),
    ),
    concurrencyCount: yaml.concurrency ?? DEFAULT_CONCURRENCY_COUNT,
    budgetPerMinuteCount: parseBudget(yaml.budget ?? ''),
    timezone: yaml.timezone ?? 'UTC',
    sharedTables: sharedTables(yaml.shared_tables),
    place: shape.keySpot(...at).place,
  };
  checkFiles(source, hasFiles && yaml.files !== undefined, { shape, faults });
  if (!isTimezone(source.timezone))
    faults.add(
      shape.valueSpot(...at, 'timezone'),
      `there is no time zone ${JSON.stringify(source.timezone)}`,
      didYouMean(nearTimezone(source.timezone), 'write an IANA name such as Europe/Berlin'),
    );
  rememberSpot(source, () => shape.keySpot(...at));
  return source;
}

function isHttp(yaml: SourceYaml): yaml is Partly<HttpSourceYaml> {
  return yaml.type === 'http';
}

function isPostgres(yaml: SourceYaml): yaml is Partly<PostgresSourceYaml> {
  return yaml.type === 'postgres';
}

function checkFiles(source: DuckdbSourceDefinition, hasFiles: boolean, { shape, faults }: Context): void {
  const at = ['sources', source.name, 'files'];
  if (hasFiles && source.files.size === 0 && shape.keys(...at).length === 0)
    faults.add(shape.keySpot(...at), '"files" names no file', 'name one, such as flights: data/flights.csv');
  const lowerCase = new Set<string>();
  for (const [table, file] of source.files) {
    if (!DATA_FILE_ENDINGS.includes(extname(file).toLowerCase()))
      faults.add(
        shape.valueSpot(...at, table),
        `the file of "${table}" is of no kind that is read here`,
        `its name must end in ${DATA_FILE_ENDINGS.join(', ')}`,
      );
    // SQL folds unquoted names: Flights and flights would be one table.
    if (lowerCase.has(table.toLowerCase()))
      faults.add(shape.keySpot(...at, table), `the table "${table}" is named twice but for its capitals`);
    lowerCase.add(table.toLowerCase());
  }
}
