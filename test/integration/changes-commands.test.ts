import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startPostgres } from '../helpers/postgres-server.js';
import { childEnvironment } from '../helpers/start-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { builtCommand } from './support/built-service.js';

/** Of three roles none is a superuser: who owns the tables, as whom the service reads, and who may do nothing else. */
const SCHEMA = `
  CREATE ROLE owner LOGIN; CREATE ROLE dashcache LOGIN;
  GRANT CREATE ON DATABASE shop TO owner; GRANT CREATE ON SCHEMA public TO owner;
  SET ROLE owner;
  CREATE TABLE tasks (id integer PRIMARY KEY, site_id integer);
  CREATE TABLE logs (site_id integer, line text);
  INSERT INTO logs VALUES (1, 'a');
  GRANT SELECT ON tasks, logs TO dashcache;`;

/** All that an installation makes, and what it changes. */
const CATALOGUE = `
  SELECT (SELECT coalesce(array_agg(pubname || ' ' || tablename ORDER BY tablename), '{}') FROM pg_publication_tables) AS published,
    (SELECT count(*)::int FROM pg_publication) AS publications,
    (SELECT count(*)::int FROM pg_namespace WHERE nspname = 'dashcache') AS schemas,
    (SELECT count(*)::int FROM pg_trigger WHERE tgname LIKE 'dashcache%') AS triggers,
    (SELECT count(*)::int FROM pg_replication_slots) AS slots,
    (SELECT count(*)::int FROM pg_proc WHERE pronamespace = to_regnamespace('dashcache')) AS functions`;

const NOTHING = { published: [], publications: 0, schemas: 0, triggers: 0, slots: 0, functions: 0 };
/** Four triggers on each table; a function for each, and two of the outbox. */
const INSTALLED = {
  logical: { ...NOTHING, published: ['dashcache_main logs', 'dashcache_main tasks'], publications: 1 },
  notify: { ...NOTHING, schemas: 1, triggers: 8, functions: 4 },
} as const;
const REFUSED = {
  logical: /^The database of main: must be owner of table logs\. Nothing was changed: give --url /,
  notify: /^The database of main: permission denied for database shop\. Nothing was changed: give --url /,
} as const;

for (const feed of ['logical', 'notify'] as const)
  t.test(`dashcache changes, ${feed}`, async (t) => {
    const server = await startPostgres({ lines: ['wal_level = logical'] });
    t.after(() => server.stop());
    await server.query(SCHEMA);
    const urlOf = (role: string) => server.url.replace('postgres@', `${role}@`);
    const folder = tempFolder(t);
    const tables = '{ tasks: { tenant_column: site_id }, logs: {} }';
    writeFileSync(
      join(folder, 'dashcache.yaml'),
      `sources: { main: { type: postgres, url: "${urlOf('dashcache')}", changes: { feed: ${feed}, tables: ${tables} } } }\n`,
    );
    writeFileSync(
      join(folder, 'shop.yaml'),
      'id: shop\nsource: main\nmetrics: { query: SELECT count(*) AS tasks FROM tasks }\n',
    );
    const env = { ...childEnvironment(), DASHCACHE_CONFIG: folder };
    const [program, ...first] = builtCommand();
    const run = (...words: string[]) => {
      const { status, stdout, stderr } = spawnSync(program, [...first, 'changes', ...words], {
        env,
        encoding: 'utf8',
      });
      return { code: status, out: stdout.trimEnd(), error: stderr.trimEnd() };
    };
    let dryRun = '';
    const catalogue = async () => (await server.query(CATALOGUE)).rows[0];

    await t.test('before: status says what is missing, and --dry-run changes nothing', async (t) => {
      const status = run('status');
      t.equal(status.code, 1);
      t.match(status.out, /^main \(\w+\):\n {2}✗ .*tasks .*run `dashcache changes install`/s);
      const dry = run('install', '--dry-run');
      t.equal(dry.code, 0);
      dryRun = dry.out;
      t.match(dry.out, /^-- main \(\w+\): install\nBEGIN;\n.*;\nCOMMIT;$/s);
      t.same(await catalogue(), NOTHING);
      if (feed === 'logical') t.match(dry.out, 'ALTER ROLE "dashcache" REPLICATION;');
    });

    await t.test(
      'as a role that owns nothing: exit 3, with what to do, and nothing is changed',
      async (t) => {
        if (feed === 'logical') {
          const denied = run('install');
          t.equal(denied.code, 3);
          t.match(
            denied.error,
            /^The database of main: permission denied to alter role\. Nothing was changed/,
          );
          // No owner of tables may give this; a superuser does, once.
          await server.query('ALTER ROLE dashcache REPLICATION');
        }
        const denied = run('install');
        t.equal(denied.code, 3);
        t.match(denied.error, REFUSED[feed]);
        t.equal(denied.out, '');
        t.same(await catalogue(), NOTHING);
      },
    );

    await t.test('as a role that may create and does not own the tables: the same', async (t) => {
      await server.query('CREATE ROLE stranger LOGIN; GRANT CREATE ON DATABASE shop TO stranger');
      const denied = run('install', '--url', urlOf('stranger'));
      t.equal(denied.code, 3);
      t.match(
        denied.error,
        /: must be owner of table logs\.|: permission denied for table \w+\.|: must be owner of table tasks\./,
      );
      t.match(denied.error, 'Nothing was changed');
      t.same(await catalogue(), NOTHING);
    });

    await t.test(
      'as the owner of the tables, no superuser: installed; a second time there is nothing to do',
      async (t) => {
        const done = run('install', '--url', urlOf('owner'));
        t.match(done, { code: 0, error: '' });
        t.match(done.out, /^main \(\w+\): ✓ installed, \d+ statements?$/);
        t.same(await catalogue(), INSTALLED[feed]);
        const again = run('install', '--url', urlOf('owner'));
        t.same(again, { code: 0, out: `main (${feed}): ✓ complete`, error: '' });
        t.same(await catalogue(), INSTALLED[feed]);
        t.same(run('status'), { code: 0, out: `main (${feed}): ✓ complete`, error: '' });
      },
    );

    await t.test('who writes needs no right to any of it', async () => {
      await server.query(
        'CREATE ROLE writer LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON tasks, logs TO writer',
      );
      await server.query(
        "SET ROLE writer; INSERT INTO tasks VALUES (1, 1); UPDATE logs SET line = 'b'; DELETE FROM logs",
      );
    });

    await t.test('remove: nothing is left; a second time there is nothing to do', async (t) => {
      t.match(run('remove'), { code: 3, error: /must be owner of .*\. Nothing was changed/ });
      t.same(await catalogue(), INSTALLED[feed]);
      const done = run('remove', '--url', urlOf('owner'));
      t.match(done, { code: 0, out: /^main \(\w+\): removed, \d+ statements?$/, error: '' });
      t.same(await catalogue(), NOTHING);
      t.same(run('remove'), { code: 0, out: `main (${feed}): nothing to remove`, error: '' });
    });

    await t.test('what --dry-run prints, run by somebody else, is an installation', async (t) => {
      await server.query(dryRun);
      t.same(await catalogue(), INSTALLED[feed]);
    });
  });
