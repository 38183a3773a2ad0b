import t from 'tap';
import { installationStatus, runStatements } from '../../../services/changes/install/installation.js';
import { startFaultProxy } from '../../helpers/fault-proxy.js';
import { within } from '../../helpers/within.js';
import {
  changesOf,
  feedDatabase,
  feedOptions,
  Heard,
  install,
  openedFeed,
  TASKS,
  TASKS_SCHEMA,
} from './support/feed-room.js';

/** While the connection is cut. */
const CHANGES_COUNT = Number(process.env['DASHCACHE_FEED_CHANGES'] ?? 50);

for (const kind of ['logical', 'notify'] as const) {
  t.test(
    `${kind}: while nothing is taken the feed does not go past it, and then all of it is told`,
    async (t) => {
      const server = await feedDatabase(t);
      await server.query(TASKS_SCHEMA);
      const opened = { url: server.url, changes: changesOf(kind, TASKS) };
      await install(opened);
      const { feed, heard, caughtUp } = openedFeed(t, opened);
      await caughtUp();
      heard.take();
      heard.refuses = true;
      await server.query('INSERT INTO tasks VALUES (1, 7)');
      await within(10_000, () => heard.refusedCount > 1, 'it was refused, and tried again');
      const { completeToMs } = feed.state();
      await server.query('INSERT INTO tasks VALUES (2, 8)');
      await within(10_000, () => heard.refusedCount > 2, 'it is tried again and again');
      t.equal(feed.state().completeToMs, completeToMs);
      heard.refuses = false;
      await caughtUp();
      t.same(heard.take().join(' '), 'public.tasks:7 public.tasks:8');
    },
  );

  t.test(
    `${kind}: the connection is cut while rows are written: all is in force within 2 s of the next connection`,
    async (t) => {
      const server = await feedDatabase(t);
      await server.query(TASKS_SCHEMA);
      const proxy = await startFaultProxy({ targetPort: server.port });
      t.teardown(() => proxy.stop());
      const changes = changesOf(kind, TASKS);
      await install({ url: server.url, changes });
      const { feed, heard, caughtUp } = openedFeed(t, { url: proxy.through(server.url), changes });
      await caughtUp();
      heard.take();
      proxy.refuse();
      proxy.cut();
      await within(10_000, () => !feed.state().ok, 'the loss is noticed');
      for (let id = 1; id <= CHANGES_COUNT; id++)
        await server.query('INSERT INTO tasks VALUES ($1, $1)', [id]);
      const accepted = proxy.acceptedCount;
      await proxy.heal();
      await within(10_000, () => proxy.acceptedCount > accepted, 'it connects again');
      const connectedMs = performance.now();
      await within(10_000, () => told(heard).size >= CHANGES_COUNT, 'all is told');
      t.ok(performance.now() - connectedMs < 2000, `${Math.round(performance.now() - connectedMs)} ms`);
    },
  );

  t.test(
    `${kind}: the holder is gone: a standby takes over, and learns meanwhile what has been told`,
    async (t) => {
      const server = await feedDatabase(t);
      await server.query(TASKS_SCHEMA);
      const opened = { url: server.url, changes: changesOf(kind, TASKS) };
      await install(opened);
      const first = openedFeed(t, { ...opened, heard: new Heard() });
      await first.caughtUp();
      const second = openedFeed(t, { ...opened, heard: new Heard() });
      await second.caughtUp();
      t.match(second.feed.state(), { ok: true, detail: /another process/ });
      await server.query('INSERT INTO tasks VALUES (1, 7)');
      await second.caughtUp();
      t.same(first.heard.take(), ['gap', 'public.tasks:7']);
      t.same(second.heard.take(), [], 'what one tells holds for all');
      await first.feed.close();
      await server.query('INSERT INTO tasks VALUES (2, 8)');
      await second.caughtUp();
      await within(10_000, () => second.heard.told.length > 0, 'the other tells');
      // Logical replication begins anew; the outbox is read on from where the other stopped.
      t.same(second.heard.take()[0], kind === 'logical' ? 'gap' : 'public.tasks:8');
    },
  );

  t.test(`${kind}: without an installation it says what to do, and begins once it is there`, async (t) => {
    const server = await feedDatabase(t);
    await server.query(TASKS_SCHEMA);
    const opened = { url: server.url, changes: changesOf(kind, TASKS) };
    const { feed, caughtUp } = openedFeed(t, opened);
    await within(10_000, () => /dashcache changes install/.test(feed.state().detail ?? ''), 'it says so');
    t.equal(feed.state().ok, false);
    t.equal(feed.state().completeToMs, Number.NEGATIVE_INFINITY);
    await install(opened);
    await caughtUp();
    t.same(feed.state().ok, true);
    const options = feedOptions(opened);
    const { faults, install: missing, remove } = await installationStatus(options, null);
    t.same({ faults, missing }, { faults: [], missing: [] });
    await feed.close();
    await runStatements(options, remove);
    t.same(
      (await server.query("SELECT count(*)::int AS n FROM pg_trigger WHERE tgname LIKE 'dashcache%'")).rows,
      [{ n: 0 }],
    );
    t.same((await server.query('SELECT count(*)::int AS n FROM pg_publication')).rows, [{ n: 0 }]);
    t.same(
      (await server.query("SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = 'dashcache'")).rows,
      [{ n: 0 }],
    );
  });
}

/** The tenants that are no longer trusted: after a gap, or where they are too many to name, all are. */
function told({ told }: Heard): Set<string> {
  if (told.includes('gap') || told.includes('public.tasks'))
    return new Set(Array.from({ length: CHANGES_COUNT }, (_, index) => String(index + 1)));
  return new Set(told.flatMap((each) => each.split(':')[1]?.split(',') ?? []));
}
