import pg from 'pg';
import t from 'tap';
import type { Lifetime } from '../../helpers/lifetime.js';
import { within } from '../../helpers/within.js';
import { changesOf, feedDatabase, install, openedFeed, TASKS, TASKS_SCHEMA } from './support/feed-room.js';

async function session(t: Lifetime, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end().catch(() => {}));
  return client;
}

t.test(
  'a lower number commits after a higher one: both are told; who reads beyond the last number loses it',
  async (t) => {
    const server = await feedDatabase(t);
    await server.query(TASKS_SCHEMA);
    const opened = { url: server.url, changes: changesOf('notify', TASKS) };
    await install(opened);
    const { heard, caughtUp } = openedFeed(t, opened);
    await caughtUp();
    heard.take();
    const naive = async (last: number) =>
      (await server.query('SELECT id::int, tenants FROM dashcache.changes WHERE id > $1 ORDER BY id', [last]))
        .rows;
    const late = await session(t, server.url);
    await late.query('BEGIN');
    await late.query('INSERT INTO tasks VALUES (1, 1)');
    await server.query('INSERT INTO tasks VALUES (2, 2)');
    await caughtUp();
    t.same(heard.take(), ['public.tasks:2'], 'nobody waits for the transaction that is still open');
    const seen = await naive(0);
    t.same(
      seen.map(({ tenants }) => tenants),
      [['2']],
    );
    await late.query('COMMIT');
    await caughtUp();
    t.same(heard.take(), ['public.tasks:1']);
    t.same(await naive(seen.at(-1)?.id ?? 0), [], 'the naive reader never hears of it');
  },
);

t.test('a commit that nobody sees yet is not told yet; without the guard it would be', async (t) => {
  const server = await feedDatabase(t);
  await server.query(TASKS_SCHEMA);
  const opened = { url: server.url, changes: changesOf('logical', TASKS) };
  await install(opened);
  const { heard, caughtUp } = openedFeed(t, opened);
  await caughtUp();
  heard.take();
  await server.query("SELECT pg_create_logical_replication_slot('unguarded', 'test_decoding')");
  // A standby that never answers: the commit is in the log, and the session waits before others see it.
  await server.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  await server.query('SELECT pg_reload_conf()');
  const writer = await session(t, server.url);
  const {
    rows: [{ pid }],
  } = await writer.query('SELECT pg_backend_pid() AS pid');
  const written = writer.query('INSERT INTO tasks VALUES (1, 7)');
  const streamed = async () =>
    (
      await server.query(
        "SELECT 1 FROM pg_logical_slot_peek_changes('unguarded', NULL, NULL) WHERE data LIKE '%INSERT%'",
      )
    ).rows.length;
  await within(10_000, async () => (await streamed()) === 1, 'the commit is streamed');
  t.same((await server.query('SELECT count(*)::int AS n FROM tasks')).rows, [{ n: 0 }], 'nobody sees it');
  // Heartbeats stop behind it: what they promise would be untrue.
  t.same(heard.take(), []);
  await server.query('ALTER SYSTEM RESET synchronous_standby_names');
  await server.query('SELECT pg_cancel_backend($1)', [pid]);
  await written;
  await caughtUp();
  t.same(heard.take(), ['public.tasks:7']);
});
