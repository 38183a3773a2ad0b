import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../../services/clock.js';
import { FreshDatabase } from '../../../../services/sources/duckdb/fresh-database.js';
import { RecordingLog } from '../../../helpers/recording-log.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { duckdbDefinition, until, writeDatabase } from './duckdb-fixture.js';

const signal = new AbortController().signal;

t.test('a database that is given up is opened anew, once for however many say so', async (t) => {
  const path = join(tempFolder(t), 'operations.duckdb');
  await writeDatabase(path, ['CREATE TABLE tasks AS SELECT 1 AS id']);
  const fresh = new FreshDatabase(duckdbDefinition({ path }), {
    clock: systemClock,
    log: new RecordingLog(),
  });
  t.after(() => fresh.close());
  const database = await fresh.opened(signal);
  fresh.discard(database, 'It was invalidated.');
  fresh.discard(database, 'It was invalidated.');
  t.same(fresh.state(), { ok: false, detail: 'It was invalidated.' });
  await until(() => fresh.state().ok);
  const next = await fresh.opened(signal);
  t.not(next, database);
  const connection = next.take();
  t.ok(connection);
  if (connection) next.give(connection);
});

t.test('whoever waits for the first opening leaves when its signal aborts', async (t) => {
  const path = join(tempFolder(t), 'operations.duckdb');
  await writeDatabase(path, ['CREATE TABLE tasks AS SELECT 1 AS id']);
  const fresh = new FreshDatabase(duckdbDefinition({ path }), {
    clock: systemClock,
    log: new RecordingLog(),
  });
  t.after(() => fresh.close());
  const ending = new AbortController();
  const waiting = fresh.opened(ending.signal);
  const reason = new Error('enough');
  ending.abort(reason);
  await t.rejects(waiting, reason);
  t.ok(await fresh.opened(signal));
});

t.test('closing during the first opening leaves nothing open', async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, 'operations.duckdb');
  await writeDatabase(path, ['CREATE TABLE tasks AS SELECT 1 AS id']);
  const fresh = new FreshDatabase(duckdbDefinition({ path }), {
    clock: systemClock,
    log: new RecordingLog(),
  });
  await fresh.close();
  t.equal(fresh.state().ok, false);
  await t.rejects(fresh.opened(signal), { code: 'source_down' });
  // Could still be written to only when no reader holds its lock.
  await writeDatabase(path, ['INSERT INTO tasks SELECT 2']);
  rmSync(folder, { recursive: true });
});
