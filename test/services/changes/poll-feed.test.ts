import t from 'tap';
import { within } from '../../helpers/within.js';
import { changesOf, feedDatabase, openedFeed, TASKS, TASKS_SCHEMA } from './support/feed-room.js';

t.test(
  'poll: a counter that moves is told, of all tenants, and how far it is complete is a minute behind',
  async (t) => {
    const server = await feedDatabase(t);
    await server.query(TASKS_SCHEMA);
    const { feed, heard } = openedFeed(t, { url: server.url, changes: changesOf('poll', TASKS) });
    await within(10_000, () => heard.told.length === 1, 'it has begun');
    t.same(heard.take(), ['gap']);
    await within(10_000, () => feed.state().ok, 'it is well');
    await server.query('INSERT INTO tasks VALUES (1, 7)');
    await within(15_000, () => heard.told.length > 0, 'the counter has moved');
    t.same(heard.take(), ['public.tasks']);
    t.ok(performance.now() - feed.state().completeToMs >= 60_000);
  },
);
