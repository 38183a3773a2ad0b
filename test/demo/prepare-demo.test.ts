import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import t, { type Test } from 'tap';
import { type PreparedDemo, prepareDemo } from '../../demo/prepare-demo.js';
import { tempFolder } from '../helpers/temp-folder.js';

const NOW_MS = Date.UTC(2026, 5, 15, 12);
const DAY_MS = 24 * 3_600_000;

/** A data folder with its preparation: what was said, and whether the file was made anew. */
function folderOf(t: Test) {
  const dataDir = join(tempFolder(t), 'not', 'there');
  const databasePath = join(dataDir, 'operations.duckdb');
  return {
    dataDir,
    databasePath,
    async prepare(nowMs = NOW_MS): Promise<PreparedDemo & { lines: string[]; madeAnew: boolean }> {
      const lines: string[] = [];
      const before = existsSync(databasePath) ? statSync(databasePath).ino : null;
      const prepared = await prepareDemo({
        dataDir,
        nowMs,
        scale: 0.001,
        progress: (line) => lines.push(line),
      });
      return { ...prepared, lines, madeAnew: statSync(databasePath).ino !== before };
    },
  };
}

t.test('no database, then it is made once, with progress', async (t) => {
  const folder = folderOf(t);
  const first = await folder.prepare();
  t.equal(first.databasePath, folder.databasePath);
  t.match(first.lines[0], /there is none yet/);
  t.ok(first.lines.length >= 6);
  t.ok(existsSync(join(first.definitionsFolder, 'operations.yaml')));
  t.same(readdirSync(folder.dataDir), ['operations.duckdb'], 'nothing is left beside it');
  const second = await folder.prepare(NOW_MS + 7 * DAY_MS);
  t.notOk(second.madeAnew, 'at seven days it is still used');
  t.same(second.lines, []);
});

t.test('older than seven days, then it is made anew', async (t) => {
  const folder = folderOf(t);
  await folder.prepare();
  const later = await folder.prepare(NOW_MS + 7 * DAY_MS + 1);
  t.ok(later.madeAnew);
  t.match(later.lines[0], /older than 7 days/);
  t.notOk((await folder.prepare(NOW_MS + 8 * DAY_MS)).madeAnew);
});

t.test('the clock was wrong when it was made, then it is made anew', async (t) => {
  const folder = folderOf(t);
  await folder.prepare(NOW_MS + 30 * DAY_MS);
  const now = await folder.prepare(NOW_MS);
  t.ok(now.madeAnew);
  t.match(now.lines[0], /future/);
});

t.test('the file is broken, then it is made anew', async (t) => {
  const folder = folderOf(t);
  await folder.prepare();
  const whole = readFileSync(folder.databasePath);
  const breaks: Record<string, () => void> = {
    'not a database': () => writeFileSync(folder.databasePath, 'hello'),
    empty: () => writeFileSync(folder.databasePath, ''),
    'cut to half': () => truncateSync(folder.databasePath, whole.length / 2),
    'short by a byte': () => truncateSync(folder.databasePath, whole.length - 1),
    'its header overwritten': () => writeFileSync(folder.databasePath, Buffer.alloc(whole.length, 7)),
  };
  for (const [name, breakIt] of Object.entries(breaks)) {
    breakIt();
    const healed = await folder.prepare();
    t.match(healed.lines[0], /broken|cut short/, name);
    t.notOk((await folder.prepare()).madeAnew, `${name}: whole again`);
  }
});

t.test('a database that is not the demo or of another format, then it is made anew', async (t) => {
  const folder = folderOf(t);
  await folder.prepare();
  for (const sql of ['UPDATE demo_info SET format = format + 1', 'DROP TABLE demo_info']) {
    const instance = await DuckDBInstance.create(folder.databasePath);
    const connection = await instance.connect();
    await connection.run(sql);
    connection.closeSync();
    instance.closeSync();
    t.ok((await folder.prepare()).lines.length > 0, sql);
    t.notOk((await folder.prepare()).madeAnew);
  }
});

t.test('two at once, then both end with one whole database', async (t) => {
  const folder = folderOf(t);
  const both = await Promise.all([folder.prepare(), folder.prepare()]);
  t.same(
    both.map(({ databasePath }) => databasePath),
    [folder.databasePath, folder.databasePath],
  );
  t.same(readdirSync(folder.dataDir), ['operations.duckdb']);
  t.notOk((await folder.prepare()).madeAnew);
});

t.test('a database is being read when it is replaced, then the reader keeps the old one', async (t) => {
  const folder = folderOf(t);
  await folder.prepare();
  const instance = await DuckDBInstance.create(folder.databasePath, { access_mode: 'READ_ONLY' });
  t.after(() => instance.closeSync());
  const connection = await instance.connect();
  const checksum = async () =>
    `${(await connection.runAndReadAll('SELECT sum(hash(t)) FROM tasks t')).getRows()}`;
  const before = await checksum();
  t.ok((await folder.prepare(NOW_MS + 8 * DAY_MS)).madeAnew);
  t.equal(await checksum(), before);
});

t.test('what a process that died left behind is removed, what another writes now is not', async (t) => {
  const folder = folderOf(t);
  await folder.prepare();
  const abandoned = `${folder.databasePath}.0000.tmp`;
  const current = `${folder.databasePath}.1111.tmp`;
  for (const path of [abandoned, `${abandoned}.wal`, current]) writeFileSync(path, '');
  mkdirSync(`${abandoned}.spill`);
  writeFileSync(join(`${abandoned}.spill`, 'block'), '');
  const hoursAgo = Date.now() / 1000 - 2 * 3600;
  for (const path of [abandoned, `${abandoned}.wal`, `${abandoned}.spill`])
    utimesSync(path, hoursAgo, hoursAgo);
  writeFileSync(`${folder.databasePath}.wal`, 'of another writer');
  await folder.prepare(NOW_MS + 8 * DAY_MS);
  t.same(readdirSync(folder.dataDir).sort(), ['operations.duckdb', 'operations.duckdb.1111.tmp']);
});

t.test('the folder cannot be made, then the error says so', async (t) => {
  const file = join(tempFolder(t), 'file');
  writeFileSync(file, '');
  await t.rejects(prepareDemo({ dataDir: file, nowMs: NOW_MS, progress: () => {} }), /EEXIST|ENOTDIR/);
});
