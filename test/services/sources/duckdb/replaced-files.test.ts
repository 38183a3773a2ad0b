import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import type { Source } from '../../../../services/sources/source.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { isIdle, openForTest, until, writeDatabase } from './duckdb-fixture.js';

async function single(source: Source, sql: string): Promise<unknown> {
  return (await source.query(parseStatement(sql), new Map(), limits())).rows[0]?.[0];
}

/** A source on a CSV file of one row, a JSON file and a clock whose hands the test turns. */
function csvSource(t: Test) {
  const folder = tempFolder(t);
  const csv = join(folder, 'cities.csv');
  const json = join(folder, 'lands.json');
  writeFileSync(csv, 'name,size\nRome,3\n');
  writeFileSync(json, '[{"land":"Italy"}]');
  const clock = new ManualClock();
  const files = new Map([
    ['cities', csv],
    ['lands', json],
  ]);
  const opened = openForTest(t, { files }, { clock });
  const changes: (readonly string[])[] = [];
  opened.source.onTablesChanged((tables) => changes.push(tables));
  const replace = (path: string, content: string) => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  return { ...opened, folder, csv, json, clock, changes, replace, turn: () => clock.advance(100) };
}

t.test('a file replaced by renaming: the new data is served and only its table is told', async (t) => {
  const { source, csv, changes, replace, turn } = csvSource(t);
  t.equal(await single(source, 'SELECT name FROM cities'), 'Rome');
  replace(csv, 'name,size\nOslo,1\n');
  await until(() => changes.length > 0, turn);
  t.same(changes, [['cities']]);
  t.equal(await single(source, 'SELECT name FROM cities'), 'Oslo');
  t.same(source.state(), { ok: true, detail: null });
});

t.test('replaced again and again: the last one is served and every one of them is told', async (t) => {
  const { source, csv, changes, replace, turn } = csvSource(t);
  await single(source, 'SELECT 1');
  for (let round = 1; round <= 5; round++) {
    replace(csv, `name,size\nCity${round},1\n`);
    await until(() => changes.length === round, turn);
    t.equal(await single(source, 'SELECT name FROM cities'), `City${round}`);
  }
});

t.test('a broken replacement: the old data goes on, the state says so, a whole one heals it', async (t) => {
  const { source, json, changes, replace, turn, log } = csvSource(t);
  await single(source, 'SELECT 1');
  replace(json, '[{"land":"Norway"},{"la');
  await until(() => !source.state().ok, turn);
  t.match(source.state().detail, /JSON/);
  t.equal(await single(source, 'SELECT land FROM lands'), 'Italy');
  t.same(changes, []);
  t.ok(log.lines.some(({ level, message }) => level === 'warn' && /former data/.test(message)));
  replace(json, '[{"land":"Norway"}]');
  await until(() => source.state().ok, turn);
  t.equal(await single(source, 'SELECT land FROM lands'), 'Norway');
  t.same(changes, [['lands']]);
});

t.test('an empty replacement is not taken for an empty table', async (t) => {
  const { source, csv, replace, turn } = csvSource(t);
  await single(source, 'SELECT 1');
  replace(csv, '');
  await until(() => !source.state().ok, turn);
  t.match(source.state().detail, /cities\.csv is empty/);
  t.equal(await single(source, 'SELECT name FROM cities'), 'Rome');
});

t.test('a file still being written is not read half-way: it is opened once it has settled', async (t) => {
  const { source, csv, changes, clock } = csvSource(t);
  await single(source, 'SELECT 1');
  for (const rowsCount of [1, 10]) {
    writeFileSync(csv, `name,size\n${'Bern,1\n'.repeat(rowsCount)}`);
    clock.advance(190);
    // Of each of these the system tells, and the file is looked at at once: the last time with enough time to open it.
    for (const mode of [0o600, 0o644, 0o600]) {
      await sleep(10);
      chmodSync(csv, mode);
    }
    await sleep(300);
    t.same(changes, []);
  }
  await until(
    () => changes.length > 0,
    () => clock.advance(100),
  );
  t.equal(await single(source, 'SELECT count(*) FROM cities'), 10);
});

t.test('a file that goes away: the old data goes on and the state says so, until it is back', async (t) => {
  const { source, csv, changes, turn } = csvSource(t);
  await single(source, 'SELECT 1');
  rmSync(csv);
  await until(() => !source.state().ok, turn);
  t.equal(source.state().detail, 'cities.csv is missing.');
  t.equal(await single(source, 'SELECT name FROM cities'), 'Rome');
  writeFileSync(csv, 'name,size\nWien,2\n');
  await until(() => changes.length > 0, turn);
  t.equal(await single(source, 'SELECT name FROM cities'), 'Wien');
});

t.test(
  'a database absent at start: queries fail at once, it is opened when it appears, and its tables are told',
  async (t) => {
    const folder = join(tempFolder(t), 'later');
    const path = join(folder, 'operations.duckdb');
    const clock = new ManualClock();
    const { source, observed } = openForTest(t, { path }, { clock });
    const changes: (readonly string[])[] = [];
    source.onTablesChanged((tables) => changes.push(tables));
    t.equal((await failure(single(source, 'SELECT 1'))).code, 'source_down');
    t.equal(source.state().detail, 'operations.duckdb is missing.');
    mkdirSync(folder);
    await writeDatabase(`${path}.new`, [
      'CREATE TABLE tasks AS SELECT 7 AS id',
      'CREATE SCHEMA old; CREATE VIEW old.tasks AS SELECT * FROM main.tasks',
    ]);
    renameSync(`${path}.new`, path);
    await until(
      () => source.state().ok,
      () => clock.advance(100),
    );
    t.same(changes, [['old.tasks', 'tasks']]);
    t.equal(await single(source, 'SELECT id FROM old.tasks'), 7);
    t.equal(observed.length, 1);
  },
);

t.test(
  'a database replaced under a running query: the query ends on the old data, the next sees the new',
  async (t) => {
    const folder = tempFolder(t);
    const path = join(folder, 'operations.duckdb');
    await writeDatabase(path, ['CREATE TABLE tasks AS SELECT 1 AS id']);
    await writeDatabase(`${path}.new`, [
      'CREATE TABLE tasks AS SELECT 2 AS id',
      'CREATE TABLE more AS SELECT 3 AS id',
    ]);
    const clock = new ManualClock();
    const { source } = openForTest(t, { path }, { clock });
    await single(source, 'SELECT 1');
    const changes: (readonly string[])[] = [];
    source.onTablesChanged((tables) => changes.push(tables));
    const ending = new AbortController();
    const running = failure(
      source.query(
        parseStatement(
          'SELECT sum(a.range * b.range % 7), min(id) FROM range(10000000) a, range(100000) b, tasks',
        ),
        new Map(),
        limits({ signal: ending.signal }),
      ),
    );
    renameSync(`${path}.new`, path);
    await until(
      () => changes.length > 0,
      () => clock.advance(100),
    );
    t.same(changes, [['more', 'tasks']]);
    t.equal(await single(source, 'SELECT id FROM tasks'), 2);
    ending.abort();
    t.equal((await running).code, 'source_deadline');
    await source.close();
    t.ok(await isIdle());
  },
);

t.test(
  'a damaged database file: source_down with the reason in the state, tried again at growing intervals',
  async (t) => {
    const folder = tempFolder(t);
    const path = join(folder, 'operations.duckdb');
    writeFileSync(path, 'this is no database');
    const clock = new ManualClock();
    const { source, log } = openForTest(t, { path }, { clock });
    t.equal((await failure(single(source, 'SELECT 1'))).code, 'source_down');
    t.match(source.state().detail, /not a valid DuckDB database/);
    for (let seconds = 0; seconds < 30; seconds++) {
      clock.advance(1000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    t.equal(log.lines.filter(({ level }) => level === 'warn').length, 1, 'the log says it once');
    await writeDatabase(`${path}.new`, ['CREATE TABLE tasks AS SELECT 7 AS id']);
    renameSync(`${path}.new`, path);
    await until(
      () => source.state().ok,
      () => clock.advance(100),
    );
    t.equal(await single(source, 'SELECT id FROM tasks'), 7);
  },
);

t.test('two sources on one database file serve it side by side', async (t) => {
  const path = join(tempFolder(t), 'operations.duckdb');
  await writeDatabase(path, ['CREATE TABLE tasks AS SELECT 7 AS id']);
  const one = openForTest(t, { path }).source;
  const other = openForTest(t, { path, name: 'other' }).source;
  t.same(await Promise.all([one, other].map((source) => single(source, 'SELECT id FROM tasks'))), [7, 7]);
});

t.test('a listener that throws is logged and the others are told', async (t) => {
  const { source, csv, changes, replace, turn, log } = csvSource(t);
  source.onTablesChanged(() => {
    throw new Error('listener');
  });
  const after: string[][] = [];
  source.onTablesChanged((tables) => after.push([...tables]));
  await single(source, 'SELECT 1');
  replace(csv, 'name,size\nOslo,1\n');
  await until(() => after.length > 0, turn);
  t.same([changes, after], [[['cities']], [['cities']]]);
  t.ok(log.lines.some(({ level }) => level === 'error'));
});

t.test('files, folders and tables whose names need quoting are read as any other', async (t) => {
  const folder = tempFolder(t);
  const strange = join(folder, 'it\'s [1] *? "x"');
  mkdirSync(strange);
  const csv = join(strange, "o'neil [a-z]*.csv");
  const database = join(strange, 'my-data base, 2.duckdb');
  writeFileSync(csv, 'name,when\nBo,2026-01-02\n');
  writeFileSync(join(strange, 'o.csv'), 'name\nWRONG\n');
  await writeDatabase(join(folder, 'plain.duckdb'), ['CREATE TABLE tasks AS SELECT 7 AS id']);
  copyFileSync(join(folder, 'plain.duckdb'), database);
  const { source } = openForTest(t, { path: database, files: new Map([['people "all"', csv]]) });
  t.equal(await single(source, 'SELECT name FROM "people ""all"""'), 'Bo');
  t.equal(await single(source, 'SELECT id FROM tasks'), 7);
  const checked = await source.check(parseStatement('SELECT * FROM "people ""all""", tasks'), new Map());
  t.same(checked.tables, ['people "all"', 'tasks']);
});
