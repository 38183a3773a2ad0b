import pg from 'pg';
import t from 'tap';
import { explainedTables } from '../../../../../services/sources/postgres/dependencies/explained-tables.js';
import { parseSql } from '../../../../../services/sources/postgres/dependencies/parser.js';
import { schemaSignature } from '../../../../../services/sources/postgres/dependencies/schema-signature.js';
import { startPostgres } from '../../../../helpers/postgres-server.js';

const server = await startPostgres();
t.teardown(() => server.stop());
await server.query(`
  CREATE TABLE tasks (id int, site_id int);
  CREATE TABLE sites (id int);
  CREATE TABLE events (id int) PARTITION BY RANGE (id);
  CREATE TABLE events_1 (id int);
  CREATE VIEW open_tasks AS SELECT * FROM tasks;
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM tasks;
  CREATE FUNCTION one() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM tasks';
`);
const client = new pg.Client({ connectionString: server.url });
client.on('error', () => {});
await client.connect();
t.teardown(() => client.end());

t.test('data, however it comes, leaves the signature of the schema as it is', async (t) => {
  const before = await schemaSignature(client);
  for (const sql of [
    'INSERT INTO tasks SELECT n, n FROM generate_series(1, 100) n',
    'UPDATE tasks SET site_id = 2',
    'ANALYZE tasks',
    'REFRESH MATERIALIZED VIEW totals',
    'VACUUM FULL tasks',
    'TRUNCATE tasks',
    'CREATE INDEX ON tasks (id)',
    'CREATE TEMP TABLE mine (id int)',
  ]) {
    await client.query(sql);
    t.equal(await schemaSignature(client), before, sql);
  }
});

t.test('whatever lets queries read other tables changes it', async (t) => {
  let before = await schemaSignature(client);
  for (const sql of [
    'CREATE OR REPLACE VIEW open_tasks AS SELECT t.* FROM tasks t JOIN sites s ON s.id = t.site_id',
    "CREATE OR REPLACE FUNCTION one() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM sites'",
    'ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM (1) TO (100)',
    'ALTER TABLE tasks ENABLE ROW LEVEL SECURITY',
    'CREATE POLICY anyone ON tasks USING (id IN (SELECT id FROM sites))',
    'ALTER POLICY anyone ON tasks USING (true)',
    'ALTER TABLE sites RENAME TO places',
    'CREATE TABLE sites (id int)',
    'DROP VIEW open_tasks',
    'SET search_path = public, pg_temp',
  ]) {
    await client.query(sql);
    const after = await schemaSignature(client);
    t.not(after, before, sql);
    before = after;
  }
});

t.test('a server before 16 is asked for a plan with NULL for the parameters', async (t) => {
  const explained = async (sql: string, versionNumber: number) => {
    const found = await explainedTables(client, { sql, tree: await parseSql(sql), versionNumber });
    return found && { tables: [...found.tables], isGeneric: found.isGeneric };
  };
  const sql = "SELECT 'ä$1', $1 FROM places WHERE id = coalesce($2, $10, 3)";
  t.same(await explained(sql, 150_000), { tables: ['places'], isGeneric: false });
  t.same(await explained('SELECT 1 FROM places', 150_000), { tables: ['places'], isGeneric: true });
  t.same(await explained('SELECT id FROM places WHERE id = $1', 180_000), {
    tables: ['places'],
    isGeneric: true,
  });
  t.equal(await explained('SELECT nobody FROM places', 180_000), null);
});
