import pg from 'pg';
import t from 'tap';
import type { ChangeFeed } from '../../../services/changes/change-feed.js';
import { installationStatus } from '../../../services/changes/install/installation.js';
import { changesOf, feedDatabase, feedOptions, install, openedFeed } from './support/feed-room.js';

const TABLES = {
  tasks: { tenant_column: 'site_id' },
  sites: {},
  plain: { tenant_column: 'site_id' },
  fixed: { tenant_column: 'site_id', immutable: true },
  bare: { tenant_column: 'site_id' },
  'stock.items': { tenant_column: 'site_id' },
  months: { tenant_column: 'site_id' },
} as const;

/** The key of tasks holds the tenant; that of plain and fixed does not; bare has none, so that all of its old rows are sent. */
const SCHEMA = `
  CREATE TABLE tasks (id integer, site_id integer, name text, PRIMARY KEY (id, site_id));
  CREATE TABLE sites (id integer PRIMARY KEY, name text);
  CREATE TABLE plain (id integer PRIMARY KEY, site_id integer, name text);
  CREATE TABLE fixed (id integer PRIMARY KEY, site_id integer, name text);
  CREATE TABLE bare (id integer, site_id integer, name text);
  CREATE SCHEMA stock; CREATE TABLE stock.items (id integer PRIMARY KEY, site_id uuid);
  CREATE TABLE months (id integer, site_id integer, month integer, PRIMARY KEY (id, month)) PARTITION BY RANGE (month);
  CREATE TABLE months_1 PARTITION OF months FOR VALUES FROM (1) TO (2);
  CREATE TABLE months_2 PARTITION OF months FOR VALUES FROM (2) TO (3);
  CREATE TABLE unwatched (id integer PRIMARY KEY);
  CREATE VIEW open_tasks AS SELECT id, site_id, name FROM tasks;
  INSERT INTO plain SELECT g, 1, 'x' FROM generate_series(1, 20) g;
  INSERT INTO fixed SELECT g, 1, 'x' FROM generate_series(1, 20) g;`;

interface Case {
  readonly what: string;
  /** Statements of one transaction. */
  readonly sql: string;
  readonly told: readonly string[];
  /** Where a kind knows less: of a changed row without its old tenant it tells the whole table. */
  readonly logical?: readonly string[];
}

const ITEM = '6f1c0e5a-0000-4000-8000-000000000001';

const CASES: readonly Case[] = [
  { what: 'an insert', sql: "INSERT INTO tasks VALUES (1, 7, 'a')", told: ['public.tasks:7'] },
  {
    what: 'an insert of several tenants',
    sql: "INSERT INTO tasks VALUES (2, 7, 'a'), (3, 8, 'b')",
    told: ['public.tasks:7,8'],
  },
  {
    what: 'an update with the tenant in the key',
    sql: "UPDATE tasks SET name = 'c' WHERE id = 1",
    told: ['public.tasks:7'],
  },
  {
    what: 'a row that goes to another tenant, tenant in the key',
    sql: 'UPDATE tasks SET site_id = 9 WHERE id = 1',
    told: ['public.tasks:7,9'],
  },
  {
    what: 'a deletion with the tenant in the key',
    sql: 'DELETE FROM tasks WHERE id = 3',
    told: ['public.tasks:8'],
  },
  {
    what: 'a write through a view',
    sql: "UPDATE open_tasks SET name = 'v' WHERE id = 1",
    told: ['public.tasks:9'],
  },
  {
    what: 'an update without the old row',
    sql: "UPDATE plain SET name = 'y' WHERE id = 1",
    told: ['public.plain:1'],
    logical: ['public.plain'],
  },
  {
    what: 'a row that goes to another tenant, without the old row',
    sql: 'UPDATE plain SET site_id = 2 WHERE id = 1',
    told: ['public.plain:1,2'],
    logical: ['public.plain'],
  },
  {
    what: 'a deletion without the old row',
    sql: 'DELETE FROM plain WHERE id = 2',
    told: ['public.plain:1'],
    logical: ['public.plain'],
  },
  {
    what: 'an update of a table whose tenants are declared immutable',
    sql: "UPDATE fixed SET name = 'y' WHERE id = 1",
    told: ['public.fixed:1'],
  },
  {
    what: 'a new key in a table whose tenants are declared immutable',
    sql: 'UPDATE fixed SET id = 100 WHERE id = 1',
    told: ['public.fixed:1'],
  },
  {
    what: 'a deletion where immutable does not help',
    sql: 'DELETE FROM fixed WHERE id = 2',
    told: ['public.fixed:1'],
    logical: ['public.fixed'],
  },
  {
    what: 'a table without any key',
    sql: "INSERT INTO bare VALUES (1, 3, 'a'); UPDATE bare SET site_id = 4; DELETE FROM bare",
    told: ['public.bare:3,4'],
  },
  { what: 'a row of nobody', sql: "INSERT INTO bare VALUES (1, NULL, 'a')", told: ['public.bare'] },
  {
    what: 'a table without a tenant column',
    sql: "INSERT INTO sites VALUES (1, 'North')",
    told: ['public.sites'],
  },
  {
    what: 'COPY',
    sql: `COPY tasks FROM PROGRAM 'echo 70,11,x' WITH (FORMAT csv)`,
    told: ['public.tasks:11'],
  },
  { what: 'TRUNCATE', sql: 'TRUNCATE plain', told: ['public.plain'] },
  {
    what: 'another schema',
    sql: `INSERT INTO stock.items VALUES (1, '${ITEM}')`,
    told: [`stock.items:${ITEM}`],
  },
  {
    what: 'a partitioned table',
    sql: 'INSERT INTO months VALUES (1, 5, 1), (2, 6, 2)',
    told: ['public.months:5,6'],
  },
  {
    what: 'a row that moves to another partition',
    sql: 'UPDATE months SET month = 2 WHERE id = 1',
    told: ['public.months:5'],
    logical: ['public.months'],
  },
  {
    what: 'a partition by its own name',
    sql: 'INSERT INTO months_1 VALUES (3, 4, 1)',
    told: ['public.months:4'],
  },
  { what: 'TRUNCATE of a partition', sql: 'TRUNCATE months_2', told: ['public.months'] },
  {
    what: 'more tenants than are worth naming',
    sql: "INSERT INTO tasks SELECT g, g, 'x' FROM generate_series(1000, 1200) g",
    told: ['public.tasks'],
  },
  {
    what: 'a savepoint that is rolled back',
    sql: "SAVEPOINT s; INSERT INTO tasks VALUES (50, 50, 'x'); ROLLBACK TO s; INSERT INTO tasks VALUES (51, 51, 'x')",
    told: ['public.tasks:51'],
  },
  { what: 'a table that nobody watches', sql: 'INSERT INTO unwatched VALUES (1)', told: [] },
  { what: 'a statement that meets no row', sql: "UPDATE tasks SET name = 'z' WHERE id = -1", told: [] },
  {
    what: 'a transaction that is rolled back',
    sql: "INSERT INTO tasks VALUES (60, 60, 'x'); TRUNCATE sites; ROLLBACK; BEGIN",
    told: [],
  },
];

for (const kind of ['logical', 'notify'] as const satisfies readonly ChangeFeed['kind'][])
  t.test(`${kind}: each kind of write is told once, of the tenants that it touched`, async (t) => {
    const server = await feedDatabase(t);
    await server.query(SCHEMA);
    const opened = { url: server.url, changes: changesOf(kind, TABLES) };
    await install(opened);
    const { heard, caughtUp } = openedFeed(t, opened);
    await caughtUp();
    t.same(heard.take(), ['gap'], 'what was stored before it began is not to be trusted');
    const writer = new pg.Client(server.url);
    await writer.connect();
    t.teardown(() => writer.end());
    for (const { what, sql, told, ...other } of CASES) {
      await writer.query('BEGIN');
      for (const statement of sql.split('; ')) await writer.query(statement);
      await writer.query('COMMIT');
      await caughtUp();
      // A truncated table has another file too, which is told by itself.
      t.same([...new Set(heard.take())], other[kind as 'logical'] ?? told, what);
    }
  });

t.test(
  'logical: a publication that somebody has narrowed to keys and tenants is complete, and tells the same',
  async (t) => {
    const server = await feedDatabase(t);
    await server.query(
      'CREATE TABLE tasks (id integer, name text, site_id integer, body text, PRIMARY KEY (id, site_id))',
    );
    const opened = {
      url: server.url,
      changes: changesOf('logical', { tasks: { tenant_column: 'site_id' } }),
    };
    await install(opened);
    await server.query('ALTER PUBLICATION dashcache_main SET TABLE tasks (id, site_id)');
    t.same(await installationStatus(feedOptions(opened), null), {
      faults: [],
      install: [],
      remove: ['DROP PUBLICATION "dashcache_main"'],
    });
    const { heard, caughtUp } = openedFeed(t, opened);
    await caughtUp();
    heard.take();
    const told = async (sql: string) => {
      await server.query(sql);
      await caughtUp();
      return heard.take();
    };
    t.same(await told("INSERT INTO tasks VALUES (1, 'a', 7, 'b'), (2, 'a', 8, 'b')"), ['public.tasks:7,8']);
    t.same(
      await told("UPDATE tasks SET name = 'c' WHERE id = 1"),
      ['public.tasks:7'],
      'a column that is not sent',
    );
    t.same(await told('UPDATE tasks SET site_id = 9 WHERE id = 1'), ['public.tasks:7,9']);
    t.same(await told('DELETE FROM tasks WHERE id = 2'), ['public.tasks:8']);
    await server.query('ALTER PUBLICATION dashcache_main SET TABLE tasks');
    t.same(await told("INSERT INTO tasks VALUES (3, 'a', 7, 'b')"), ['public.tasks:7'], 'all columns again');
  },
);
