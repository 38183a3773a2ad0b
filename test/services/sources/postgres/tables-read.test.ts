import pg from 'pg';
import t from 'tap';
import { parseSql } from '../../../../services/sources/postgres/dependencies/parser.js';
import { readTables } from '../../../../services/sources/postgres/tables-read.js';
import { startPostgres } from '../../../helpers/postgres-server.js';

const server = await startPostgres();
t.teardown(() => server.stop());
await server.query(`
  CREATE TABLE tasks (id int, site_id int, title text);
  CREATE TABLE sites (id int, name text);
  CREATE SCHEMA owner;
  CREATE ROLE owner SUPERUSER;
  CREATE TABLE owner.tasks (id int);
  CREATE FOREIGN DATA WRAPPER elsewhere;
  CREATE SERVER elsewhere FOREIGN DATA WRAPPER elsewhere;
  CREATE FOREIGN TABLE stock (id int) SERVER elsewhere;
  CREATE EXTENSION dblink;
  CREATE EXTENSION unaccent;
  CREATE EXTENSION citext;
  CREATE TYPE mood AS ENUM ('good', 'bad');

  CREATE FUNCTION as_owner() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT count(*) FROM tasks';
  CREATE FUNCTION in_owner() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = "$user", public AS 'SELECT count(*) FROM tasks';
  ALTER FUNCTION as_owner() OWNER TO owner;
  ALTER FUNCTION in_owner() OWNER TO owner;
  CREATE FUNCTION assigning() RETURNS int LANGUAGE plpgsql STABLE AS $$
    DECLARE a int[]; n int = (SELECT count(*) FROM sites);
    BEGIN a[1] := (SELECT max(id) FROM tasks); n := n + a[1]; RETURN n; END $$;
  CREATE FUNCTION by_row() RETURNS int LANGUAGE plpgsql STABLE AS $$ DECLARE r tasks%ROWTYPE; BEGIN r.id := (SELECT max(id) FROM sites); RETURN r.id; END $$;
  CREATE FUNCTION by_argument(r tasks) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN r.id := 1; RETURN r.id; END $$;
  CREATE FUNCTION in_temporary() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM scratch); END $$;
  CREATE FUNCTION looping() RETURNS int LANGUAGE plpgsql STABLE AS $$
    DECLARE r record; n int := 0; BEGIN FOR r IN EXECUTE 'SELECT 1 AS id FROM sites' LOOP n := n + r.id; END LOOP; RETURN n; END $$;
  CREATE FUNCTION again(n int) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN CASE WHEN n > 0 THEN again(n - 1) ELSE (SELECT max(id) FROM sites) END; END $$;
  CREATE FUNCTION any_count(anyelement) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM sites';
  CREATE FUNCTION other_path() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN SET LOCAL search_path = owner; RETURN (SELECT count(*) FROM tasks); END $$;
  CREATE FUNCTION longest(tasks) RETURNS int LANGUAGE sql STABLE AS 'SELECT max(length(name)) FROM sites';

  CREATE TABLE rooms (id int, owner text);
  CREATE TABLE keys (room_id int);
  ALTER TABLE rooms ENABLE ROW LEVEL SECURITY;
  CREATE POLICY held ON rooms USING (id IN (SELECT room_id FROM keys));
`);
const client = new pg.Client({ connectionString: server.url });
client.on('error', () => {});
await client.connect();
t.teardown(() => client.end());

const CASES: readonly [sql: string, tables: readonly string[], verdict: 'exact' | 'over' | 'unknown'][] = [
  ['SELECT * FROM tasks WHERE id = $1', ['tasks'], 'exact'],
  ['SELECT $1::int', [], 'exact'],
  // What PostgreSQL cannot plan (this wrapper has no handler) is read all the same.
  ['SELECT * FROM stock', ['stock'], 'over'],
  ['SELECT as_owner()', ['owner.tasks'], 'exact'],
  ['SELECT in_owner()', ['owner.tasks'], 'exact'],
  ['SELECT assigning()', ['sites', 'tasks'], 'over'],
  ['SELECT again(2)', ['sites'], 'over'],
  ['SELECT by_row()', ['sites'], 'over'],
  ['SELECT by_argument(t) FROM tasks t', ['tasks'], 'exact'],
  ['SELECT looping()', [], 'unknown'],
  ['SELECT in_temporary()', [], 'unknown'],
  ["SELECT * FROM dblink('', 'SELECT 1') AS x (id int)", [], 'unknown'],
  ["SELECT unaccent(title) FROM tasks WHERE title::citext = 'x'", ['tasks'], 'exact'],
  ["SELECT mood('good')", [], 'unknown'],
  ["SELECT set_config('search_path', 'owner', true), count(*) FROM tasks", ['tasks'], 'unknown'],
  ['SELECT pg_typeof(id), pg_column_size(title) FROM tasks', ['tasks'], 'exact'],
  ['SELECT t.longest FROM tasks t', ['sites', 'tasks'], 'over'],
  ['SELECT t.any_count FROM tasks t', ['sites', 'tasks'], 'over'],
  ['SELECT other_path()', [], 'unknown'],
  // The superuser sees all rows, whatever the policy.
  ['SELECT * FROM rooms', ['keys', 'rooms'], 'over'],
  ['SELEC 1', [], 'unknown'],
];

async function told(on: pg.Client, sql: string) {
  const { tables, verdict } = await readTables(on, { sql, tree: await parseSql(sql) });
  return { tables, verdict };
}

t.test('what a query reads is told with how sure that is', async (t) => {
  for (const [sql, tables, verdict] of CASES) t.same(await told(client, sql), { tables, verdict }, sql);
});

t.test('a table that is there for one session only is nothing that a feed tells of', async (t) => {
  await client.query('CREATE TEMP TABLE scratch AS SELECT 1 AS id');
  t.same(await told(client, 'SELECT * FROM scratch'), { tables: [], verdict: 'unknown' });
  await client.query('DROP TABLE scratch');
});

t.test('names are looked for along the search path of the session', async (t) => {
  await client.query('SET search_path = owner, public');
  t.same((await told(client, 'SELECT * FROM tasks')).tables, ['owner.tasks']);
  t.same((await told(client, 'SELECT * FROM public.tasks, sites')).tables, ['sites', 'tasks']);
  await client.query('RESET search_path');
});

t.test('a client that maps no types is read alike, within a transaction that may only read', async (t) => {
  const bare = new pg.Client({
    connectionString: server.url,
    types: { getTypeParser: () => (text: unknown) => text },
  });
  await bare.connect();
  t.teardown(() => bare.end());
  await bare.query('BEGIN READ ONLY');
  t.same(await told(bare, 'SELECT again(1), id FROM tasks'), {
    tables: ['sites', 'tasks'],
    verdict: 'over',
  });
  t.equal((await bare.query('SELECT 1 AS one')).rows[0].one, '1', 'and the transaction goes on');
  await bare.query('ROLLBACK');
});
