import t from 'tap';
import { within } from '../../helpers/within.js';
import { changesOf, feedDatabase, install, openedFeed } from './support/feed-room.js';

const SCHEMA = `
  CREATE TABLE months (id integer, month integer, PRIMARY KEY (id, month)) PARTITION BY RANGE (month);
  CREATE TABLE months_1 PARTITION OF months FOR VALUES FROM (1) TO (2);
  CREATE TABLE tasks (id integer PRIMARY KEY, name text);
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM tasks;`;
const TABLES = { months: {}, tasks: {}, totals: {} };

for (const kind of ['logical', 'notify'] as const)
  t.test(`${kind}: what changes the rows of a table without writing any is told too`, async (t) => {
    const server = await feedDatabase(t);
    await server.query(SCHEMA);
    const opened = { url: server.url, changes: changesOf(kind, TABLES) };
    await install(opened);
    const { feed, heard, caughtUp } = openedFeed(t, opened);
    await caughtUp();
    heard.take();
    const told = async (sql: string) => {
      await server.query(sql);
      await caughtUp();
      return [...new Set(heard.take())];
    };
    t.same(await told('REFRESH MATERIALIZED VIEW totals'), ['public.totals']);
    t.same(await told('ALTER TABLE tasks ALTER COLUMN name TYPE varchar(1) USING upper(name)'), [
      'public.tasks',
    ]);
    t.same(await told('ALTER TABLE months DETACH PARTITION months_1'), ['public.months']);
    t.same(await told('ALTER TABLE months ATTACH PARTITION months_1 FOR VALUES FROM (1) TO (2)'), [
      'public.months',
    ]);
    await server.query('CREATE TABLE months_2 PARTITION OF months FOR VALUES FROM (2) TO (3)');
    if (kind === 'notify') {
      await within(10_000, () => !feed.state().ok, 'nobody would hear what is written to it by its own name');
      t.match(feed.state().detail, /months_2 lacks its triggers.*install/);
      await install(opened);
    }
    await caughtUp();
    heard.take();
    t.same(await told('INSERT INTO months_2 VALUES (1, 2)'), ['public.months'], 'a partition that is new');
  });

t.test(
  'logical: rows of a partition that nobody has looked at yet: all watched tables are told',
  async (t) => {
    const server = await feedDatabase(t);
    await server.query(SCHEMA);
    const opened = { url: server.url, changes: changesOf('logical', TABLES) };
    await install(opened);
    const { heard, caughtUp } = openedFeed(t, opened);
    await caughtUp();
    heard.take();
    await server.query(
      'CREATE TABLE months_3 PARTITION OF months FOR VALUES FROM (3) TO (4); INSERT INTO months VALUES (1, 3)',
    );
    await caughtUp();
    t.ok(heard.take().includes('public.months'));
  },
);

t.test('logical: the slot is lost: a gap is told, then everything after it', async (t) => {
  const server = await feedDatabase(t);
  await server.query(SCHEMA);
  const opened = { url: server.url, changes: changesOf('logical', TABLES) };
  await install(opened);
  const { heard, caughtUp } = openedFeed(t, opened);
  await caughtUp();
  heard.take();
  await server.query('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots');
  await within(10_000, () => heard.told.includes('gap'), 'the gap is told');
  await server.query("INSERT INTO tasks VALUES (1, 'a')");
  await caughtUp();
  t.same(heard.take().slice(-2), ['gap', 'public.tasks']);
});

t.test('logical: a table without a key can still be changed once it is published', async (t) => {
  const server = await feedDatabase(t);
  await server.query('CREATE TABLE bare (id integer)');
  const statements = await install({ url: server.url, changes: changesOf('logical', { bare: {} }) });
  t.match(statements.join('\n'), /ALTER TABLE "public"."bare" REPLICA IDENTITY FULL/);
  await server.query('INSERT INTO bare VALUES (1)');
  await server.query('UPDATE bare SET id = 2');
  t.same((await server.query('SELECT id FROM bare')).rows, [{ id: 2 }]);
});
