import t, { type Test } from 'tap';
import { loadOptions } from '../../../../config/load-options.js';
import { loadConfig } from '../../../../config.js';
import { CHECKS } from '../../../../services/doctor/checks.js';
import { gatherFacts } from '../../../../services/doctor/gather-facts.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import {
  type PostgresOptions,
  type PostgresServer,
  startPostgres,
} from '../../../helpers/postgres-server.js';
import { type Files, factOf, goodFacts } from '../support/good-facts.js';
import { writeFiles } from '../support/write-files.js';

const SCHEMA = `
  CREATE TABLE tasks (id bigint PRIMARY KEY, site_id bigint, status text, created_at timestamptz DEFAULT now());
  INSERT INTO tasks (id, site_id, status) SELECT i, i % 500, 'open' FROM generate_series(1, 40000) AS i;
  CREATE INDEX tasks_site ON tasks (site_id);
  ANALYZE tasks;
  CREATE ROLE reader LOGIN;
  ALTER ROLE reader SET statement_timeout = '60s';
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`;

const FILES: Files = {
  'dashcache.yaml': `sources: { main: { type: postgres, url: "\${DATABASE_URL}" } }\n`,
  'operations.yaml': `id: operations
source: main
params: { site_id: { type: integer, tenant: true, options: SELECT DISTINCT site_id, status FROM tasks } }
metrics: { query: SELECT count(*) AS total FROM tasks WHERE site_id = :site_id }
`,
};

async function database(t: Test, schema = '', options: PostgresOptions = {}): Promise<PostgresServer> {
  const server = await startPostgres(options);
  t.teardown(() => server.stop());
  await server.query(SCHEMA);
  if (schema !== '') await server.query(schema);
  return server;
}

/** What is found of a source before anything runs, as that role. */
async function examined(
  t: Test,
  server: Pick<PostgresServer, 'url'>,
  { role = 'reader', files = {} }: { role?: string; files?: Files } = {},
) {
  const environment = { DATABASE_URL: server.url.replace('postgres@', `${role}@`) };
  const good = await goodFacts(t);
  const gathered = await gatherFacts({
    settings: factOf(good, 'settings'),
    redis: null,
    folder: writeFiles(t, { ...FILES, ...files }),
    loadOptions: loadOptions(loadConfig(environment)),
    service: null,
    tell: () => {},
    signal: new AbortController().signal,
  });
  const checks = CHECKS.filter(
    ({ group, needs }) =>
      ['source', 'definitions'].includes(group) && needs.every((name) => gathered[name].known),
  );
  const result = runChecks(checks, gathered);
  return { ...result, found: result.findings.map(({ check }) => check) };
}

t.test('a database as it should be, asked as a role that reads only: nothing is found', async (t) => {
  const server = await database(t);
  const { findings, not_checked, fine } = await examined(t, server);
  t.same(findings, []);
  t.same(not_checked, []);
  for (const id of ['source-reachable', 'index-missing', 'source-read-only', 'source-slots'])
    t.ok(fine.includes(id), `${id} was looked at`);

  await t.test('without the index, its panel is found by its plan, with the index to create', async (t) => {
    await server.query('DROP INDEX tasks_site');
    const { findings } = await examined(t, server);
    t.match(findings, [
      {
        check: 'index-missing',
        evidence: /operations\/metrics .*scans all 40000 rows of tasks for about \d+: .*site_id/,
        fix: 'CREATE INDEX CONCURRENTLY ON tasks (site_id)',
      },
    ]);
    await server.query('CREATE INDEX tasks_site ON tasks (site_id)');
  });

  await t.test('a panel that nobody has asked for, and without defaults, is not checked', async (t) => {
    const files = { 'operations.yaml': `${FILES['operations.yaml']}`.replace(/, options: [^}]*/, '') };
    const { not_checked } = await examined(t, server, { files });
    t.match(not_checked, [
      {
        check: 'index-missing',
        reason: /nobody has asked for it yet, and site_id has neither a default nor options/,
      },
    ]);
  });

  await t.test('a role that may write, and a superuser, are found', async (t) => {
    await server.query(
      'CREATE ROLE writer LOGIN; GRANT ALL ON tasks TO writer; GRANT CREATE ON SCHEMA public TO writer',
    );
    const { findings } = await examined(t, server, { role: 'writer' });
    t.match(
      findings.filter(({ check }) => check === 'source-read-only'),
      [{ severity: 'warning', evidence: 'main: the role writer may change schema public, table tasks' }],
    );
    t.ok(findings.some(({ check }) => check === 'source-statement-timeout'));
    const { findings: ofSuperuser } = await examined(t, server, { role: 'postgres' });
    t.match(
      ofSuperuser.filter(({ check }) => check === 'source-read-only'),
      [{ evidence: 'main: the role postgres is a superuser' }],
    );
  });

  await t.test('row security that a role passes is found', async (t) => {
    await server.query(
      'CREATE ROLE passer LOGIN BYPASSRLS; GRANT SELECT ON tasks TO passer; ALTER TABLE tasks ENABLE ROW LEVEL SECURITY',
    );
    const { found } = await examined(t, server, { role: 'passer' });
    t.ok(found.includes('source-row-security'), found.join());
    await server.query('ALTER TABLE tasks DISABLE ROW LEVEL SECURITY');
  });

  await t.test('where policies are to hold tenants apart, whoever passes them is found', async (t) => {
    const main = `type: postgres, url: "\${DATABASE_URL}", row_level_security: { setting: app.tenant }`;
    const files = { 'dashcache.yaml': `sources: { main: { ${main} } }\n` };
    const evidenceOf = async (role: string) =>
      (await examined(t, server, { role, files })).findings
        .filter(({ check }) => check === 'source-tenant-wall')
        .map(({ evidence }) => evidence);
    t.match(await evidenceOf('reader'), [/enabled on no table that panels read: tasks/]);
    await server.query(`ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON tasks USING (site_id = NULLIF(current_setting('app.tenant', true), '')::bigint);
      CREATE ROLE owner LOGIN; ALTER TABLE tasks OWNER TO owner`);
    t.same(await evidenceOf('reader'), []);
    t.match(await evidenceOf('postgres'), [/postgres is a superuser/]);
    t.match(await evidenceOf('passer'), [/passer has BYPASSRLS/]);
    t.match(await evidenceOf('owner'), [/owner owns tasks without FORCE/]);
    await server.query('ALTER TABLE tasks FORCE ROW LEVEL SECURITY');
    t.same(await evidenceOf('owner'), []);
    await server.query(`ALTER TABLE tasks OWNER TO postgres; DROP POLICY own ON tasks;
      ALTER TABLE tasks NO FORCE ROW LEVEL SECURITY; ALTER TABLE tasks DISABLE ROW LEVEL SECURITY`);
  });

  await t.test('naive timestamps in another zone than the source are found', async (t) => {
    await server.query(
      "ALTER TABLE tasks ADD COLUMN due timestamp; ALTER ROLE reader SET TimeZone = 'Europe/Berlin'",
    );
    const { findings } = await examined(t, server);
    t.match(findings, [
      { check: 'source-timezone', evidence: /Europe\/Berlin, the source to UTC.*tasks\.due/ },
    ]);
    await server.query('ALTER TABLE tasks DROP COLUMN due; ALTER ROLE reader RESET TimeZone');
  });

  await t.test('a count that is only compared with nothing is found in its file', async (t) => {
    const files = {
      'extra.yaml': `id: extra
source: main
params: { site_id: { type: integer, tenant: true, options: SELECT DISTINCT site_id, status FROM tasks } }
metrics: { query: "SELECT (SELECT count(*) FROM tasks WHERE site_id = :site_id) > 0 AS is_busy" }
`,
    };
    const { findings } = await examined(t, server, { files });
    t.match(findings, [
      { check: 'count-as-existence', evidence: /extra\/metrics .*extra\.yaml:\d+.*count\(\*\)/ },
    ]);
  });

  await t.test('a dashboard without a tenant that reads what belongs to tenants is found', async (t) => {
    const files = {
      'all.yaml': 'id: all\nsource: main\nsummary: { query: SELECT max(id) AS id FROM tasks }\n',
    };
    const { findings } = await examined(t, server, { files });
    t.match(findings, [
      { check: 'tenant-scoping', evidence: /all .* has no tenant, and reads tasks\.site_id$/ },
    ]);
  });

  await t.test('a large table that was never analysed is found', async (t) => {
    await server.query(`CREATE TABLE notes (id bigint, text text) WITH (autovacuum_enabled = off);
      GRANT SELECT ON notes TO reader;
      INSERT INTO notes SELECT i, repeat('x', 1000) FROM generate_series(1, 9000) AS i`);
    const files = {
      'notes.yaml': 'id: notes\nsource: main\nsummary: { query: SELECT max(id) AS id FROM notes }\n',
    };
    const { found } = await examined(t, server, { files });
    t.same(found, ['table-never-analysed']);
  });

  await t.test('one that is away is an error, and what it would tell is not checked', async (t) => {
    await server.kill();
    const { findings, not_checked } = await examined(t, server);
    t.match(findings, [{ check: 'source-reachable', evidence: /main \(postgres\): .*ECONNREFUSED/ }]);
    t.ok(not_checked.some(({ check }) => check === 'index-missing'));
  });
});

t.test('a slot that nobody reads, and a feed that was never installed, are found', async (t) => {
  const server = await database(t, "SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput')", {
    lines: ['wal_level = logical', 'max_replication_slots = 1'],
  });
  const files = {
    'dashcache.yaml': `sources: { main: { type: postgres, url: "\${DATABASE_URL}", changes: { feed: logical, tables: { tasks: {} } } } }\n`,
  };
  const { findings } = await examined(t, server, { files });
  const of = (id: string) => findings.filter(({ check }) => check === id).map(({ evidence }) => evidence);
  t.match(of('source-slots'), [/slot forgotten is read by nobody/, /all 1 replication slots are taken/]);
  t.ok(of('feed-installed').length > 0, findings.map(({ check }) => check).join());
});
