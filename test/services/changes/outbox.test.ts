import t from 'tap';
import { changesOf, feedDatabase, install, openedFeed, TASKS, TASKS_SCHEMA } from './support/feed-room.js';

t.test(
  'the outbox: what every reader has seen is thrown away, what one has not stays, until it is long gone',
  async (t) => {
    const server = await feedDatabase(t);
    await server.query(TASKS_SCHEMA);
    const opened = { url: server.url, changes: changesOf('notify', TASKS) };
    await install(opened);
    const { feed, caughtUp } = openedFeed(t, opened);
    await caughtUp();
    await server.query('INSERT INTO tasks VALUES (1, 7)');
    await caughtUp();
    await feed.close();
    await server.query('INSERT INTO tasks VALUES (2, 8)');
    const kept = async () =>
      (await server.query('SELECT tenants FROM dashcache.changes ORDER BY id')).rows.map(
        ({ tenants }) => tenants,
      );
    await server.query('SELECT dashcache.trim()');
    t.same(await kept(), [['8']]);
    await server.query("UPDATE dashcache.readers SET told_at = now() - interval '11 minutes'");
    await server.query('SELECT dashcache.trim()');
    t.same(await kept(), []);
    const next = openedFeed(t, opened);
    await next.caughtUp();
    t.same(next.heard.take(), ['gap'], 'who was away for so long begins anew');
  },
);
