import { type Static, Type } from '@sinclair/typebox';
import { changesSchema } from './schema-changes.js';
import {
  BUDGET_PATTERN,
  choice,
  closed,
  NAME_PATTERN,
  record,
  sharedTables,
  text,
  unsupported,
} from './schema-parts.js';
import { policyKeys } from './schema-policy.js';
import { rowLevelSecuritySchema } from './schema-row-level-security.js';
import { sharedWarmingSchema } from './schema-warming.js';

const concurrency = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 64,
    description: 'How many queries may run in this source at once; the others wait their turn. Default 4.',
  }),
);

const budget = Type.Optional(
  Type.String({
    description:
      'How many queries the source may be asked in any minute, by all processes together, e.g. 400/min. Default: as many as are needed.',
    pattern: BUDGET_PATTERN,
    'x-kind': 'budget',
  }),
);
const changes = unsupported('How changes of its tables become known.');
const rowLevelSecurity = unsupported('How the database itself holds tenants apart.');
const timezone = Type.Optional(
  text('The zone in which timestamps without one are meant, e.g. Europe/Berlin. Default UTC.'),
);

const sourceKeys = {
  concurrency,
  timezone,
  budget,
  pool: unsupported('How many connections may be open.'),
  changes,
  row_level_security: rowLevelSecurity,
  shared_tables: sharedTables,
};

const duckdbSource = Type.Object(
  {
    type: choice(['duckdb'], 'DuckDB, inside this process.'),
    path: Type.Optional(
      text('A DuckDB database file, seen from the folder of this file. It is opened read-only.', {
        maxLength: 4096,
      }),
    ),
    files: Type.Optional(
      record(
        '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
        text('A CSV, Parquet or JSON file, seen from the folder of this file.', { maxLength: 4096 }),
        'Data files that become tables: the name of the table, then the file.',
      ),
    ),
    ...sourceKeys,
  },
  { ...closed, description: 'A DuckDB database file (`path`) or data files named as tables (`files`).' },
);

const httpSource = Type.Object(
  {
    type: choice(['http'], 'Endpoints that answer in JSON.'),
    url: text('Where they are: http or https, a host, and what all paths begin with.', { maxLength: 2048 }),
    headers: Type.Optional(
      record(
        '^.{1,128}$',
        text('The value of the header.', { maxLength: 8192 }),
        `Headers that are sent with every request, such as authorization: "Bearer \${TOKEN}".`,
      ),
    ),
    concurrency,
    budget,
    changes,
  },
  { ...closed, description: 'HTTP endpoints that answer in JSON.' },
);

const postgresSource = Type.Object(
  {
    type: choice(['postgres'], 'A PostgreSQL server, or a pooler before it.'),
    url: text(
      `Where it is and as whom: postgres://user:password@host:5432/database?sslmode=verify-full, best as \${DATABASE_URL}.`,
      { maxLength: 4096 },
    ),
    pool: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'How many connections may be open at once. Default 5.',
      }),
    ),
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'How many queries may run in this source at once. Default: as many as connections.',
      }),
    ),
    timezone,
    budget,
    changes: Type.Optional(changesSchema),
    row_level_security: Type.Optional(rowLevelSecuritySchema),
    shared_tables: sharedTables,
  },
  { ...closed, description: 'A PostgreSQL database.' },
);

/** dashcache.yaml: the sources, and what holds for every dashboard unless it says otherwise. */
export const dashcacheSchema = Type.Object(
  {
    sources: record(
      NAME_PATTERN,
      Type.Unsafe<DuckdbSourceYaml | PostgresSourceYaml | HttpSourceYaml>({
        anyOf: [duckdbSource, postgresSource, httpSource],
        'x-choose-by': 'type',
        description: 'Where data comes from.',
      }),
      'Where data comes from: a name of your choice, then the kind of source and its keys.',
    ),
    defaults: Type.Optional(
      Type.Object(policyKeys, {
        ...closed,
        description: 'What holds for every panel unless its dashboard or the panel itself says otherwise.',
      }),
    ),
    warming: Type.Optional(sharedWarmingSchema),
  },
  {
    ...closed,
    title: 'dashcache.yaml',
    description: 'The sources of a folder of dashboards, and the defaults of their panels.',
  },
);

export type DashcacheYaml = Static<typeof dashcacheSchema>;
export type DuckdbSourceYaml = Static<typeof duckdbSource>;
export type PostgresSourceYaml = Static<typeof postgresSource>;
export type HttpSourceYaml = Static<typeof httpSource>;
export type PolicyYaml = NonNullable<DashcacheYaml['defaults']>;
