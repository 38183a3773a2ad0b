import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { openForTest, writeDatabase } from './duckdb-fixture.js';

const folder = tempFolder(t);
const path = join(folder, 'operations.duckdb');
const csv = join(folder, 'airports.csv');
writeFileSync(csv, 'code,size\nFRA,1\n');
await writeDatabase(path, [
  "CREATE TABLE tasks AS SELECT 1 AS id, 2 AS site_id, TIMESTAMP '2026-01-01' AS created_at",
  'CREATE TABLE sites AS SELECT 2 AS id',
  'CREATE TABLE people AS SELECT 3 AS id',
  'CREATE SCHEMA audit',
  'CREATE TABLE audit.tasks AS SELECT 4 AS id',
  'CREATE TABLE audit.log AS SELECT 5 AS id',
  'CREATE VIEW open_tasks AS SELECT * FROM tasks WHERE id > 0',
  'CREATE VIEW busy_sites (site, "the count") AS SELECT site_id, count(*) FROM open_tasks GROUP BY ALL',
  'CREATE VIEW audit."last ""log""" AS SELECT * FROM audit.log',
  'CREATE MACRO newest() AS (SELECT max(id) FROM people)',
  'CREATE MACRO tasks_of(site) AS TABLE SELECT * FROM tasks WHERE site_id = site',
  'CREATE MACRO plus(a) AS a + 1, (a, b) AS a + b',
  'CREATE MACRO twice() AS newest() * 2',
  'CREATE MACRO one_or_other(a) AS (SELECT max(id) FROM people), (a, b) AS (SELECT max(id) FROM sites)',
]);
const { source } = openForTest(t, { path, files: new Map([['airports', csv]]) });

type Case = readonly [sql: string, tables: readonly string[], verdict?: 'exact' | 'over' | 'unknown'];

/** What each query reads. */
const CASES: readonly Case[] = [
  ['SELECT 1', []],
  ['SELECT * FROM tasks', ['tasks']],
  ['SELECT * FROM TASKS AS sites', ['tasks']],
  ['SELECT * FROM tasks WHERE id = :id', ['tasks']],
  ['SELECT * FROM tasks JOIN sites USING (id)', ['sites', 'tasks']],
  ['SELECT * FROM tasks, sites, airports', ['airports', 'sites', 'tasks']],
  [
    'SELECT id FROM tasks UNION ALL SELECT id FROM sites EXCEPT SELECT id FROM people',
    ['people', 'sites', 'tasks'],
  ],
  ['SELECT (SELECT max(id) FROM people) FROM sites', ['people', 'sites']],
  ['SELECT * FROM (SELECT * FROM (SELECT * FROM tasks))', ['tasks']],
  ['SELECT * FROM sites WHERE EXISTS (SELECT 1 FROM tasks WHERE site_id = sites.id)', ['sites', 'tasks']],
  [
    'SELECT CASE WHEN id IN (SELECT id FROM people) THEN 1 END FROM tasks ORDER BY (SELECT max(id) FROM sites)',
    ['people', 'sites', 'tasks'],
  ],
  ['SELECT * FROM sites, LATERAL (SELECT * FROM tasks WHERE site_id = sites.id)', ['sites', 'tasks']],
  ['WITH x AS (SELECT * FROM tasks) SELECT * FROM x', ['tasks']],
  ['WITH people AS (SELECT * FROM tasks) SELECT * FROM people', ['tasks']],
  [
    'WITH x AS (SELECT * FROM tasks), y AS (SELECT * FROM x JOIN sites USING (id)) SELECT * FROM y',
    ['sites', 'tasks'],
  ],
  ['SELECT * FROM (WITH people AS (SELECT * FROM tasks) SELECT * FROM people), people', ['people', 'tasks']],
  [
    'WITH RECURSIVE n AS (SELECT min(id) AS i FROM sites UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n',
    ['sites'],
  ],
  ['WITH x AS MATERIALIZED (SELECT * FROM tasks) SELECT * FROM x a JOIN x b USING (id)', ['tasks']],
  ['SELECT * FROM audit.tasks', ['audit.tasks']],
  ['SELECT * FROM main.tasks', ['tasks']],
  ['SELECT * FROM operations.tasks', ['tasks']],
  ['SELECT * FROM operations.audit.log', ['audit.log']],
  ['SELECT * FROM memory.main.airports', ['airports']],
  ['SELECT * FROM open_tasks', ['open_tasks', 'tasks']],
  ['SELECT * FROM busy_sites', ['busy_sites', 'open_tasks', 'tasks']],
  ['SELECT * FROM audit."last ""log"""', ['audit.last "log"', 'audit.log']],
  ['SELECT newest()', ['people']],
  ['SELECT twice()', ['people']],
  ['SELECT * FROM tasks_of(:id)', ['tasks']],
  ['SELECT plus(1), plus(1, 2) FROM sites', ['sites']],
  ['SELECT count(*) OVER (PARTITION BY site_id) FROM tasks QUALIFY row_number() OVER () = 1', ['tasks']],
  ['SELECT unnest(range(3)), * FROM range(5), generate_series(1, 2)', []],
  ['SELECT * FROM (PIVOT tasks ON site_id IN (1, 2) USING count(*))', ['tasks']],
  ['SELECT * FROM (VALUES (1), (2)) v(x), sites', ['sites']],
  ['SELECT list_transform([1], lambda x: x + 1) FROM sites', ['sites']],
  ["SELECT * FROM query_table('tasks')", ['tasks'], 'unknown'],
  ["SELECT * FROM query('SELECT * FROM tasks')", ['tasks'], 'unknown'],
  ['WITH unused AS (SELECT * FROM people) SELECT id FROM tasks', ['people', 'tasks'], 'over'],
  ['SELECT id FROM tasks WHERE :id IS NULL OR id IN (SELECT id FROM sites)', ['sites', 'tasks']],
  ['SELECT one_or_other(1)', ['people', 'sites'], 'over'],
  ["SELECT pg_get_viewdef('open_tasks')", [], 'unknown'],
  ['SELECT * FROM information_schema.tables', [], 'unknown'],
  ['SELECT * FROM duckdb_tables()', [], 'unknown'],
];

t.test('the tables of a query are those it reads, views and macros taken apart', async (t) => {
  for (const [sql, tables, verdict = 'exact'] of CASES) {
    const checked = await source.check(parseStatement(sql), new Map([['id', 'integer']]));
    t.same({ tables: checked.tables, verdict: checked.verdict }, { tables, verdict }, sql);
  }
});

t.test('columns are told before the query runs, and are those that it then gives', async (t) => {
  const checked = await source.check(
    parseStatement('SELECT id AS n, :day AS day, id / 2 AS half, NULL AS nothing FROM tasks'),
    new Map([['day', 'date']]),
  );
  t.same(checked.columns, [
    { name: 'n', type: 'integer' },
    { name: 'day', type: 'date' },
    { name: 'half', type: 'float' },
    { name: 'nothing', type: 'integer' },
  ]);
});

t.test('columns that depend on a parameter as constant are found with NULL in its place', async (t) => {
  const { columns } = await source.check(
    parseStatement('SELECT strftime(created_at, :format) AS month FROM tasks'),
    new Map([['format', 'string']]),
  );
  t.same(columns, [{ name: 'month', type: 'text' }]);
});

t.test('a refused query is refused with the place in the text of its author', async (t) => {
  const refused = async (sql: string, text = sql) => {
    const statement = sql === text ? parseStatement(sql) : { text, segments: [text], names: [] };
    const error = await source.check(statement, new Map([['id', 'integer']])).then(
      () => null,
      (reason) => reason,
    );
    t.equal(error?.name, 'StatementRejected', sql);
    return error;
  };
  const placed: [sql: string, at: string][] = [
    ['SELECT * FORM tasks', 'tasks'],
    ['SELECT nope FROM tasks', 'nope'],
    ["SELECT 'ä😀', :id, nope FROM tasks WHERE id = :id", 'nope'],
    ['SELECT * FROM tasks WHERE id = :id AND site_id = nope', 'nope'],
    ['SELECT * FROM nope', 'nope'],
    ['SELECT nope(id) FROM tasks', 'nope'],
    ['SELECT id FROM tasks WHERE id = :id AND :other = 1', ':other'],
  ];
  for (const [sql, at] of placed) {
    const error = await refused(sql);
    t.equal(error?.offset, sql.lastIndexOf(at), `${sql}: ${error?.message}`);
  }
  for (const text of [
    'SELECT 1; SELECT 2',
    'SHOW TABLES',
    'DESCRIBE tasks',
    'DELETE FROM tasks',
    '',
    '-- nothing',
    'EXPLAIN SELECT 1',
  ]) {
    await refused(`raw ${text}`, text);
  }
  t.equal((await refused('raw NUL', "SELECT '\0'")).offset, 8);
});

t.test('many checks at once are answered one after the other', async (t) => {
  const checks = Array.from({ length: 30 }, (_empty, index) =>
    source.check(parseStatement(index % 2 ? 'SELECT id FROM tasks' : 'SELECT id FROM sites'), new Map()),
  );
  const tables = (await Promise.all(checks)).map((checked) => checked.tables[0]);
  t.same(
    tables,
    Array.from({ length: 30 }, (_empty, index) => (index % 2 ? 'tasks' : 'sites')),
  );
});
