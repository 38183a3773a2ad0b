import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { systemClock } from '../../../../services/clock.js';
import { parseStatement } from '../../../../services/definitions/statement.js';
import { openDuckdbSource } from '../../../../services/sources/duckdb/duckdb-source.js';
import type { Cell, ColumnType } from '../../../../services/sources/source.js';
import { failure, limits, sourceContract } from '../../../contracts/source-contract.js';
import { type SqlSourceHarness, sqlSourceContract } from '../../../contracts/sql-source-contract.js';
import { RecordingLog } from '../../../helpers/recording-log.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { duckdbDefinition, isIdle, openForTest, writeDatabase } from './duckdb-fixture.js';

const folder = tempFolder(t);
const path = join(folder, 'operations.duckdb');
await writeDatabase(path, [
  "CREATE TABLE tasks AS SELECT range AS id, range % 8 AS site_id, TIMESTAMP '2026-01-01' + INTERVAL (range) MINUTE AS created_at FROM range(1000)",
  'CREATE TABLE sites AS SELECT range AS id FROM range(8)',
]);

/** The values of DuckDB's types, as text of an expression. */
const MAPPINGS: readonly [expression: string, type: ColumnType, cell: Cell][] = [
  ['1::UTINYINT', 'integer', 1],
  ['-5::SMALLINT', 'integer', -5],
  ['9007199254740991::BIGINT', 'integer', 9_007_199_254_740_991],
  ['9007199254740993::BIGINT', 'integer', 9_007_199_254_740_993n],
  ['18446744073709551615::UBIGINT', 'integer', 18_446_744_073_709_551_615n],
  [
    '(-170141183460469231731687303715884105727)::HUGEINT',
    'integer',
    -170141183460469231731687303715884105727n,
  ],
  ['340282366920938463463374607431768211455::UHUGEINT', 'integer', 340282366920938463463374607431768211455n],
  ['5::HUGEINT', 'integer', 5],
  ['123456789012345678901234567890::BIGNUM', 'integer', 123456789012345678901234567890n],
  ['1.10::DECIMAL(5,2)', 'decimal', '1.10'],
  ['(-0.05)::DECIMAL(5,2)', 'decimal', '-0.05'],
  ['12345678901234567890.123456789::DECIMAL(38,9)', 'decimal', '12345678901234567890.123456789'],
  ['7::DECIMAL(4,0)', 'decimal', '7'],
  ['1.1::FLOAT', 'float', 1.1],
  ['16777217::FLOAT', 'float', 16_777_216],
  ['3.4028235e38::FLOAT', 'float', 3.4028235e38],
  ["'infinity'::FLOAT", 'float', Infinity],
  ['0.1::DOUBLE', 'float', 0.1],
  ["'nan'::DOUBLE", 'float', NaN],
  ['true', 'boolean', true],
  ['NULL::BOOLEAN', 'boolean', null],
  ["chr(0) || '😀é'", 'text', '\0😀é'],
  ["repeat('x', 5000)", 'text', 'x'.repeat(5000)],
  ["''", 'text', ''],
  ["'b'::ENUM('a', 'b')", 'text', 'b'],
  ["'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'::UUID", 'text', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  ["'\\xAA\\x00\\xFF'::BLOB", 'text', 'qgD/'],
  ["'10101'::BIT", 'text', '10101'],
  ["TIME '12:34:56.7'", 'text', '12:34:56.7'],
  ["TIMETZ '12:34:56+02'", 'text', '12:34:56+02'],
  ["INTERVAL '1 year 2 months 3 days 4.5 seconds'", 'text', 'P1Y2M3DT4.5S'],
  ["INTERVAL '-1 day -90 minutes'", 'text', 'P-1DT-1H-30M'],
  ["INTERVAL '-0.25 seconds'", 'text', 'PT-0.25S'],
  ["INTERVAL '0 days'", 'text', 'PT0S'],
  ["DATE '2024-02-29'", 'date', '2024-02-29'],
  ["DATE '9999-12-31'", 'date', '9999-12-31'],
  ["DATE '12020-01-01'", 'date', '+012020-01-01'],
  ["DATE '0044-03-15 (BC)'", 'date', '-000043-03-15'],
  ["DATE '0001-01-01 (BC)'", 'date', '0000-01-01'],
  ["DATE 'infinity'", 'date', null],
  ["DATE '-infinity'", 'date', null],
  ["TIMESTAMP '2026-01-02 03:04:05.123456'", 'timestamp', '2026-01-02T03:04:05.123456Z'],
  ["TIMESTAMP '2026-01-02 03:04:05.1'", 'timestamp', '2026-01-02T03:04:05.1Z'],
  ["TIMESTAMP '1969-12-31 23:59:59.999999'", 'timestamp', '1969-12-31T23:59:59.999999Z'],
  ["TIMESTAMP '0001-01-01'", 'timestamp', '0001-01-01T00:00:00Z'],
  ["'infinity'::TIMESTAMP", 'timestamp', null],
  ["'-infinity'::TIMESTAMPTZ", 'timestamp', null],
  ["TIMESTAMP_S '2026-01-02 03:04:05'", 'timestamp', '2026-01-02T03:04:05Z'],
  ["TIMESTAMP_MS '2026-01-02 03:04:05.12'", 'timestamp', '2026-01-02T03:04:05.12Z'],
  ["TIMESTAMP_NS '1960-01-02 03:04:05.123456789'", 'timestamp', '1960-01-02T03:04:05.123456789Z'],
  ["'infinity'::TIMESTAMP_NS", 'timestamp', null],
  ["'infinity'::TIMESTAMP_S", 'timestamp', null],
  ["'-infinity'::TIMESTAMP_MS", 'timestamp', null],
  ["TIMESTAMPTZ '2026-01-02 03:04:05+02'", 'timestamp', '2026-01-02T01:04:05Z'],
  ['[1, NULL, 9007199254740993]', 'json', '[1,null,"9007199254740993"]'],
  ["['nan'::DOUBLE, 1.5]", 'json', '[null,1.5]'],
  ['[1.10::DECIMAL(4,2)]', 'json', '[1.1]'],
  ['[1, 2]::INTEGER[2]', 'json', '[1,2]'],
  ['[]::INTEGER[]', 'json', '[]'],
  ['[[1], NULL]', 'json', '[[1],null]'],
  [
    "{'day': DATE '2026-01-02', 'a \"b': NULL, 'x': {'z': '😀'}}",
    'json',
    '{"day":"2026-01-02","a \\"b":null,"x":{"z":"😀"}}',
  ],
  ["MAP {DATE '2026-01-02': 1, DATE '2026-01-03': NULL}", 'json', '{"2026-01-02":1,"2026-01-03":null}'],
  ['union_value(num := 2)', 'json', '{"num":2}'],
  ["{'j': '{\"a\": 1}'::JSON}", 'json', '{"j":{"a": 1}}'],
  ['\'{"a":1}\'::JSON::VARIANT', 'json', '{"a":1}'],
  ["'it'::VARIANT", 'json', '"it"'],
  ['\'[1.5, {"b": null}]\'::JSON', 'json', '[1.5, {"b": null}]'],
  [
    '\'{"big": 9007199254740993, "n": [NaN, -Infinity, 1,], "s": "NaN 12345678901234567890"}\'::JSON',
    'json',
    '{"big": "9007199254740993", "n": [null, null, 1], "s": "NaN 12345678901234567890"}',
  ],
  ['NULL::INTEGER[]', 'json', null],
];

const harness: SqlSourceHarness = {
  open: async (t, { concurrencyCount = 2 } = {}) => openForTest(t, { path, concurrencyCount }),
  openAbsent: async (t) => openForTest(t, { path: join(folder, 'absent.duckdb') }),
  isIdle,
  rows: (count) => parseStatement(`SELECT range AS n FROM range(${count})`),
  text: (bytes) => parseStatement(`SELECT repeat('x', ${bytes}) AS text`),
  slow: parseStatement(
    'SELECT sum(hash(a.range) * b.range::HUGEINT % 7) AS n FROM range(10000000) a, range(100000) b',
  ),
  echo: parseStatement('SELECT :value AS value'),
  echoes: 'typed',
  failing: {
    statement: parseStatement("SELECT ('secret' || id)::INTEGER AS n FROM tasks"),
    secrets: [/secret0/, /tasks/, /SELECT/, /\//],
  },
  rejected: { statement: parseStatement("SELECT 'é😀', nope FROM tasks"), offset: 14 },
  writing: {
    text: 'INSERT INTO tasks SELECT * FROM tasks',
    segments: ['INSERT INTO tasks SELECT * FROM tasks'],
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

sourceContract(t, harness);
sqlSourceContract(t, harness);

t.test(
  'a column that can never be shown is refused by the check and a wrong answer of the query',
  async (t) => {
    const { source } = openForTest(t, { path });
    const statement = parseStatement('SELECT row(1, 2) AS pair');
    await t.rejects(source.check(statement, new Map()), {
      name: 'StatementRejected',
      message: /field names/,
    });
    const error = await failure(source.query(statement, new Map(), limits()));
    t.match(error, { code: 'source_wrong_answer', message: /field names/ });
  },
);

t.test('a value that the caller forgot is an internal error and asks nothing of the database', async (t) => {
  const { source, observed } = openForTest(t, { path });
  const error = await failure(source.query(harness.echo, new Map(), limits()));
  t.equal(error.code, 'internal');
  t.match(String(error.cause), /:value/);
  t.equal(observed.length, 0);
});

t.test('an observer that throws is logged and breaks no query', async (t) => {
  const log = new RecordingLog();
  const source = openDuckdbSource(duckdbDefinition({ path }), {
    clock: systemClock,
    log,
    observer: {
      sourceQuery: () => {
        throw new Error('observer');
      },
    },
  });
  t.after(() => source.close());
  t.equal((await source.query(harness.rows(2), new Map(), limits())).rows.length, 2);
  t.ok(log.lines.some(({ level }) => level === 'warn'));
});

t.test('slow queries leave the threads of the process to others', async (t) => {
  const { source } = openForTest(t, { path, concurrencyCount: 6 });
  await source.query(harness.rows(1), new Map(), limits());
  const ending = new AbortController();
  const queries = Array.from({ length: 6 }, () =>
    failure(source.query(harness.slow, new Map(), limits({ signal: ending.signal }))),
  );
  await sleep(50);
  // More of them than libuv has threads: awaited in its pool they would keep this for minutes.
  const startMs = performance.now();
  await stat(path);
  t.ok(performance.now() - startMs < 2000);
  ending.abort();
  t.same(new Set((await Promise.all(queries)).map(({ code }) => code)), new Set(['source_deadline']));
});
