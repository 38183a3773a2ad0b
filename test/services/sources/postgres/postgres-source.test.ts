import t, { type Test } from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import type { Cell, ColumnType } from '../../../../services/sources/source.js';
import { sourceContract } from '../../../contracts/source-contract.js';
import { type SqlSourceHarness, sqlSourceContract } from '../../../contracts/sql-source-contract.js';
import { freePort } from '../../../helpers/free-port.js';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres-server.js';
import { backendsOf, openForTest, serverBins } from './postgres-fixture.js';

/** The values of PostgreSQL's types, as text of an expression. */
const MAPPINGS: readonly [expression: string, type: ColumnType, cell: Cell][] = [
  ['(-5)::int2', 'integer', -5],
  ['2147483647::int4', 'integer', 2_147_483_647],
  ['9007199254740991::int8', 'integer', 9_007_199_254_740_991],
  ['9007199254740993::int8', 'integer', 9_007_199_254_740_993n],
  ['(-9223372036854775808)::int8', 'integer', -9_223_372_036_854_775_808n],
  ['4294967295::oid', 'integer', 4_294_967_295],
  ['NULL::int4', 'integer', null],
  ['1.10::numeric(5,2)', 'decimal', '1.10'],
  ['12345678901234567890.123456789::numeric', 'decimal', '12345678901234567890.123456789'],
  ['1e30::numeric', 'decimal', '1000000000000000000000000000000'],
  ['1e-10::numeric', 'decimal', '0.0000000001'],
  ["'NaN'::numeric", 'decimal', 'NaN'],
  ["'-Infinity'::numeric", 'decimal', '-Infinity'],
  ['1.1::float4', 'float', 1.1],
  ['16777217::float4', 'float', 16_777_216],
  ['0.1::float8', 'float', 0.1],
  ['0.1::float8 + 0.2::float8', 'float', 0.1 + 0.2],
  ['1e300::float8', 'float', 1e300],
  ["'NaN'::float8", 'float', Number.NaN],
  ["'-Infinity'::float4", 'float', Number.NEGATIVE_INFINITY],
  ['true', 'boolean', true],
  ['false', 'boolean', false],
  ['NULL::boolean', 'boolean', null],
  ["'😀é'", 'text', '😀é'],
  ["repeat('x', 5000)", 'text', 'x'.repeat(5000)],
  ["''::varchar(5)", 'text', ''],
  ["'ab'::char(4)", 'text', 'ab  '],
  ["'pg_class'::name", 'text', 'pg_class'],
  [`'a'::"char"`, 'text', 'a'],
  ["'sad'::mood", 'text', 'sad'],
  ["'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'::uuid", 'text', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  ["'\\xaa00ff'::bytea", 'text', 'qgD/'],
  ["''::bytea", 'text', ''],
  ["B'10101'", 'text', '10101'],
  ["'10.0.0.1/8'::inet", 'text', '10.0.0.1/8'],
  ["'08:00:2b:01:02:03'::macaddr", 'text', '08:00:2b:01:02:03'],
  ["'[1,5)'::int4range", 'text', '[1,5)'],
  ["'{[1,3),[5,7)}'::int4multirange", 'text', '{[1,3),[5,7)}'],
  ["'(1,2)'::point", 'text', '(1,2)'],
  ["'1 2'::int2vector", 'text', '1 2'],
  ["'<a>1</a>'::xml", 'text', '<a>1</a>'],
  ["'pg_class'::regclass", 'text', 'pg_class'],
  ["ROW(1, 'a b')::pair", 'text', '(1,"a b")'],
  ["ROW(1, 'x')", 'text', '(1,x)'],
  ['pg_sleep(0)', 'text', ''],
  ["TIME '12:34:56.7'", 'text', '12:34:56.7'],
  ["TIMETZ '12:34:56+02'", 'text', '12:34:56+02'],
  ["INTERVAL '1 year 2 months 3 days 4.5 seconds'", 'text', 'P1Y2M3DT4.5S'],
  ["INTERVAL '-1 day -90 minutes'", 'text', 'P-1DT-1H-30M'],
  ["INTERVAL '1 year -2 days 26:00'", 'text', 'P1Y-2DT26H'],
  ["INTERVAL '-0.25 seconds'", 'text', 'PT-0.25S'],
  ["INTERVAL '0'", 'text', 'PT0S'],
  ["DATE '2024-02-29'", 'date', '2024-02-29'],
  ["DATE '9999-12-31'", 'date', '9999-12-31'],
  ["DATE '12020-01-01'", 'date', '+012020-01-01'],
  ["DATE '0044-03-15 BC'", 'date', '-000043-03-15'],
  ["DATE '0001-01-01 BC'", 'date', '0000-01-01'],
  ["DATE '5874897-12-31'", 'date', '+5874897-12-31'],
  ["DATE 'infinity'", 'date', null],
  ["DATE '-infinity'", 'date', null],
  ["TIMESTAMP '2026-01-02 03:04:05.123456'", 'timestamp', '2026-01-02T03:04:05.123456Z'],
  ["TIMESTAMP '2026-01-02 03:04:05.1'", 'timestamp', '2026-01-02T03:04:05.1Z'],
  ["TIMESTAMP '1969-12-31 23:59:59.999999'", 'timestamp', '1969-12-31T23:59:59.999999Z'],
  ["TIMESTAMP '0001-01-01'", 'timestamp', '0001-01-01T00:00:00Z'],
  ["TIMESTAMP '0044-03-15 12:00 BC'", 'timestamp', '-000043-03-15T12:00:00Z'],
  ["TIMESTAMP '294276-12-31 23:59:59.5'", 'timestamp', '+294276-12-31T23:59:59.5Z'],
  ["TIMESTAMP 'infinity'", 'timestamp', null],
  ["TIMESTAMPTZ '-infinity'", 'timestamp', null],
  ["TIMESTAMPTZ '2026-01-02 03:04:05+02'", 'timestamp', '2026-01-02T01:04:05Z'],
  ["TIMESTAMPTZ '0044-03-15 12:00+00 BC'", 'timestamp', '-000043-03-15T12:00:00Z'],
  ['5::positive', 'integer', 5],
  ['ARRAY[1, NULL, 9007199254740993]', 'json', '[1,null,"9007199254740993"]'],
  ["ARRAY['nan'::float8, 1.5]", 'json', '[null,1.5]'],
  ['ARRAY[1.10::numeric(4,2)]', 'json', '[1.1]'],
  ["'{}'::int4[]", 'json', '[]'],
  ["'[0:1]={7,8}'::int4[]", 'json', '[7,8]'],
  ['ARRAY[ARRAY[1, 2], ARRAY[3, NULL]]', 'json', '[[1,2],[3,null]]'],
  [
    `ARRAY['a"b', 'c,d', '{e}', '\\f', 'NULL', '', ' ', '😀']`,
    'json',
    JSON.stringify(['a"b', 'c,d', '{e}', '\\f', 'NULL', '', ' ', '😀']),
  ],
  ["ARRAY[DATE '2026-01-02']", 'json', '["2026-01-02"]'],
  ["ARRAY[TIMESTAMPTZ '2026-01-02 03:04:05+02']", 'json', '["2026-01-02T01:04:05Z"]'],
  [`ARRAY['{"a": [1, 9007199254740993]}'::jsonb]`, 'json', '[{"a": [1, "9007199254740993"]}]'],
  ["ARRAY['sad'::mood, NULL]", 'json', '["sad",null]'],
  ['ARRAY[5::positive]', 'json', '[5]'],
  ["ARRAY['(1,2),(3,4)'::box]", 'json', '["(3,4),(1,2)"]'],
  ["ARRAY[ROW(1, 'a b')::pair]", 'json', '["(1,\\"a b\\")"]'],
  ["'{7,8}'::scores", 'json', '[7,8]'],
  ['NULL::int4[]', 'json', null],
  ['\'[1.5, {"b": null}]\'::json', 'json', '[1.5, {"b": null}]'],
  ['\'{"b": 1, "a": "x"}\'::jsonb', 'json', '{"a": "x", "b": 1}'],
  ['\'{"big": 9007199254740993}\'::json', 'json', '{"big": "9007199254740993"}'],
];

async function fill(server: PostgresServer): Promise<void> {
  for (const sql of [
    "CREATE TABLE tasks AS SELECT g AS id, g % 8 AS site_id, TIMESTAMP '2026-01-01' + g * INTERVAL '1 minute' AS created_at FROM generate_series(0, 999) g",
    'CREATE TABLE sites AS SELECT g AS id FROM generate_series(0, 7) g',
    "CREATE TYPE mood AS ENUM ('happy', 'sad')",
    'CREATE DOMAIN positive AS int4 CHECK (VALUE > 0)',
    'CREATE DOMAIN scores AS int4[]',
    'CREATE TYPE pair AS (a int4, b text)',
  ])
    await server.query(sql);
}

function harnessOf(server: PostgresServer, absentUrl: string): SqlSourceHarness {
  return {
    open: async (t: Test, { concurrencyCount = 2 } = {}) =>
      openForTest(t, server.url, { poolCount: concurrencyCount }),
    openAbsent: async (t: Test) => openForTest(t, absentUrl),
    isIdle: async () => (await backendsOf(server)).every((state) => state === 'idle'),
    // In the list of columns the rows come one by one; in FROM the server would first store all of them.
    rows: (count) => parseStatement(`SELECT generate_series(1, ${count}) AS n`),
    text: (bytes) => parseStatement(`SELECT repeat('x', ${bytes}) AS text`),
    slow: parseStatement('SELECT pg_sleep(600) AS n'),
    echo: parseStatement('SELECT :value AS value'),
    echoes: 'typed',
    failing: {
      statement: parseStatement("SELECT ('secret' || id)::integer AS n FROM tasks"),
      secrets: [/secret0/, /tasks/, /SELECT/, /127\.0\.0\.1/],
    },
    rejected: { statement: parseStatement("SELECT 'é😀', nope FROM tasks"), offset: 14 },
    writing: {
      text: 'INSERT INTO tasks SELECT * FROM tasks RETURNING id',
      segments: ['INSERT INTO tasks SELECT * FROM tasks RETURNING id'],
      names: [],
    },
    reading: {
      statement: parseStatement(
        'WITH t AS (SELECT * FROM tasks WHERE site_id = :site_id AND created_at < :before) SELECT count(*) AS n, max(created_at) AS last FROM t JOIN sites USING (id) WHERE :site_id IS NULL',
      ),
      types: new Map([
        ['site_id', 'integer'],
        ['before', 'timestamp'],
      ]),
      tables: ['sites', 'tasks'],
      verdict: 'exact',
      columns: 'announced',
    },
    types: ['integer', 'decimal', 'float', 'boolean', 'text', 'date', 'timestamp', 'json'],
    mappings: MAPPINGS.map(([expression, type, cell]) => ({
      title: expression.slice(0, 60),
      statement: { text: `SELECT ${expression} AS v`, segments: [`SELECT ${expression} AS v`], names: [] },
      type,
      cell,
    })),
  };
}

for (const { title, ...bin } of serverBins()) {
  t.test(title, async (t) => {
    const server = await startPostgres(bin);
    t.after(() => server.stop());
    await fill(server);
    const absentUrl = server.url.replace(String(server.port), String(await freePort()));
    const harness = harnessOf(server, absentUrl);
    sourceContract(t, harness);
    sqlSourceContract(t, harness);
  });
}
