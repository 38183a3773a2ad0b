import t from 'tap';
import { within } from '../../helpers/within.js';
import { startFeedProcess } from './support/feed-process.js';
import { changesOf, feedDatabase, install, openedFeed, TASKS, TASKS_SCHEMA } from './support/feed-room.js';

/** What processes have in the database: backends, slots, locks. */
const LEFT = `
  SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE application_name LIKE 'dashcache feed%') AS backends,
    (SELECT count(*)::int FROM pg_replication_slots) AS slots,
    (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`;

for (const kind of ['logical', 'notify'] as const)
  t.test(
    `${kind}: kill -9 of the holder leaves no slot, no lock and no backend; a standby takes over`,
    async (t) => {
      const server = await feedDatabase(t);
      await server.query(TASKS_SCHEMA);
      const opened = { url: server.url, changes: changesOf(kind, TASKS) };
      await install(opened);
      const kill = await startFeedProcess(t, { kind, url: server.url });
      const [held] = (await server.query(LEFT)).rows;
      t.same(held, { backends: kind === 'logical' ? 2 : 1, slots: kind === 'logical' ? 1 : 0, locks: 1 });
      await kill();
      const isClean = async () =>
        Object.values((await server.query(LEFT)).rows[0]).every((count) => count === 0);
      await within(5000, isClean, 'nothing is left');

      const killAgain = await startFeedProcess(t, { kind, url: server.url });
      const standby = openedFeed(t, opened);
      await standby.caughtUp();
      t.same(standby.heard.take(), []);
      await killAgain();
      const killedMs = performance.now();
      await server.query('INSERT INTO tasks VALUES (1, 7)');
      await within(10_000, () => standby.heard.told.length > 0, 'the standby tells');
      t.ok(performance.now() - killedMs < 5000, `after ${Math.round(performance.now() - killedMs)} ms`);
      await standby.caughtUp();
      t.equal(standby.feed.state().detail, null);
    },
  );
