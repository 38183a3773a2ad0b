import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import type { Source } from '../../../../services/sources/source.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { openForTest, writeDatabase } from './duckdb-fixture.js';

async function rows(source: Source, sql: string): Promise<unknown> {
  return (await source.query(parseStatement(sql), new Map(), limits())).rows;
}

t.test('every kind of data file is a table', async (t) => {
  const folder = tempFolder(t);
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  await writeDatabase(join(folder, 'x.duckdb'), [
    `COPY (SELECT range AS n FROM range(1000)) TO '${join(folder, 'numbers.parquet')}'`,
  ]);
  const files = new Map([
    ['texts', file('texts.csv', 'name,city\nAnn,Rome\nBo,Oslo\n')],
    ['late', file('late.csv', `n\n${'1\n'.repeat(30_000)}x\n`)],
    ['header', file('header.csv', 'a,b\n')],
    ['tabs', file('TABS.TSV', 'a\tb\n1\t2\n')],
    ['packed', file('packed.csv.gz', gzipSync('a\n1\n'))],
    ['lines', file('lines.ndjson', '{"a":1}\n{"a":9007199254740993}\n')],
    ['list', file('list.json', '[{"a":{"b":[1,2]}}]')],
    ['numbers', join(folder, 'numbers.parquet')],
  ]);
  const { source } = openForTest(t, { files });
  t.same(
    await rows(source, 'SELECT * FROM texts'),
    [
      ['Ann', 'Rome'],
      ['Bo', 'Oslo'],
    ],
    'the first line is the header',
  );
  t.same(
    await rows(source, 'SELECT count(*), max(n) FROM late'),
    [[30_001, 'x']],
    'the last row counts for the type',
  );
  t.same(await rows(source, 'SELECT a, b FROM header'), []);
  t.same(await rows(source, 'SELECT a + b FROM tabs'), [[3]]);
  t.same(await rows(source, 'SELECT * FROM packed'), [[1]]);
  t.same(await rows(source, 'SELECT max(a) FROM lines'), [[9_007_199_254_740_993n]]);
  t.same(await rows(source, 'SELECT a FROM list'), [['{"b":[1,2]}']]);
  t.same(await rows(source, 'SELECT sum(n) FROM numbers'), [[499_500]]);
});

t.test('a file of an unknown kind: source_down, and the state says which kinds there are', async (t) => {
  const path = join(tempFolder(t), 'sheet.xlsx');
  writeFileSync(path, 'x');
  const { source } = openForTest(t, { files: new Map([['sheet', path]]) });
  t.equal((await failure(rows(source, 'SELECT 1'))).code, 'source_down');
  t.match(source.state().detail, /sheet\.xlsx is of no kind .*\.parquet/);
});

t.test('nothing but the declared files can be read, and nothing written or set', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'operations.duckdb');
  const secret = join(folder, 'secret.csv');
  writeFileSync(secret, 'a\n1\n');
  await writeDatabase(path, ['CREATE TABLE tasks AS SELECT 7 AS id']);
  const { source } = openForTest(t, { path, files: new Map([['declared', secret]]) });
  for (const sql of [
    `SELECT * FROM '${secret}'`,
    `SELECT * FROM read_csv('${secret}')`,
    `SELECT * FROM read_text('${path}')`,
    `SELECT * FROM glob('${folder}/*')`,
    `SELECT * FROM parquet_metadata('${secret}')`,
  ]) {
    t.equal((await failure(rows(source, sql))).code, 'source_wrong_answer', sql);
  }
  for (const sql of [
    `COPY tasks TO '${join(folder, 'out.csv')}'`,
    "SET memory_limit = '100GB'",
    `ATTACH '${join(folder, 'other.duckdb')}'`,
    'DROP TABLE tasks',
    'DROP TABLE declared',
    'INSTALL httpfs',
    'PRAGMA enable_profiling',
    'EXPLAIN ANALYZE SELECT 1',
    'CALL pragma_version()',
  ]) {
    const statement = { text: sql, segments: [sql], names: [] };
    const error = await failure(source.query(statement, new Map(), limits()));
    t.equal(error.code, 'source_wrong_answer', sql);
  }
  t.same(await rows(source, 'SELECT id FROM tasks'), [[7]]);
  t.notOk(existsSync(join(folder, 'out.csv')));
});

t.test(
  'a query that needs more memory than the source may use is source_overloaded, and the next one works',
  async (t) => {
    const { source } = openForTest(
      t,
      { files: new Map([['one', oneRow(tempFolder(t))]]) },
      { memoryLimitBytes: 48 * 1024 ** 2 },
    );
    const error = await failure(
      rows(
        source,
        'SELECT length(list(a.range::VARCHAR || b.range)::VARCHAR) FROM range(3000) a, range(3000) b',
      ),
    );
    t.equal(error.code, 'source_overloaded');
    t.ok(error.retryAfterSeconds);
    t.same(await rows(source, 'SELECT * FROM one'), [[1]]);
  },
);

t.test('what is too large for the memory goes to a folder that closing removes', async (t) => {
  const folder = tempFolder(t);
  const { TMPDIR } = process.env;
  process.env['TMPDIR'] = folder;
  t.after(() => {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  });
  const { source } = openForTest(
    t,
    { files: new Map([['one', oneRow(folder)]]) },
    { memoryLimitBytes: 48 * 1024 ** 2 },
  );
  const sorted =
    "SELECT count(*), max(z) FROM (SELECT range::VARCHAR || repeat('x', 90) AS z FROM range(600000) ORDER BY hash(range) OFFSET 1)";
  t.match(await rows(source, sorted), [[599_999, /^9/]]);
  const spillFolders = () => readdirSync(folder).filter((name) => name.startsWith('dashcache-duckdb-'));
  t.equal(spillFolders().length, 1, 'it was needed');
  await source.close();
  t.same(spillFolders(), []);
});

t.test(
  'naive timestamps of a source with a zone: bound, compared and read as times of that zone',
  async (t) => {
    const path = join(tempFolder(t), 'operations.duckdb');
    await writeDatabase(path, [
      "CREATE TABLE visits AS SELECT TIMESTAMP '2026-07-01 00:30:00' AS naive, TIMESTAMPTZ '2026-06-30 22:30:00+00' AS instant",
    ]);
    const { source } = openForTest(t, { path, timezone: 'Europe/Berlin' });
    const at = Date.UTC(2026, 5, 30, 22, 30);
    const { rows: found } = await source.query(
      parseStatement(
        'SELECT naive, instant, instant::TIMESTAMP = naive FROM visits WHERE naive = :at AND instant = :at',
      ),
      new Map([['at', { type: 'timestamp', value: at }]]),
      limits(),
    );
    t.same(found, [['2026-06-30T22:30:00Z', '2026-06-30T22:30:00Z', true]]);
  },
);

function oneRow(folder: string): string {
  const path = join(folder, 'one.csv');
  writeFileSync(path, 'a\n1\n');
  return path;
}
