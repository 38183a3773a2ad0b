import t from 'tap';
import { ask } from './support/ask.js';
import { until } from './support/until.js';
import { figureOf, watchedShop } from './support/watched-shop.js';

const GONE_WITHIN_MS = 2000;
const TAKEN_OVER_WITHIN_MS = 5000;

/** Sessions, by what they hold: slot, lock, or the queries of the one process or the other. */
const HELD = `
  SELECT coalesce((SELECT array_agg(active_pid) FROM pg_replication_slots), '{}') AS slots,
    coalesce((SELECT array_agg(pid) FROM pg_locks WHERE locktype = 'advisory'), '{}') AS locks,
    coalesce((SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = 'dashcache-1'), '{}') AS queries,
    coalesce((SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name LIKE 'dashcache%'), '{}') AS all`;

type Held = Readonly<Record<'slots' | 'locks' | 'queries' | 'all', readonly number[]>>;

for (const feed of ['logical', 'notify'] as const)
  t.test(
    `${feed}: kill -9 of the service that holds the feed leaves nothing in the database; the other hears the next change`,
    async (t) => {
      const { server, services } = await watchedShop(t, { feed });
      const [holder, other] = services;
      const held = async (): Promise<Held> => (await server.query(HELD)).rows[0];
      const path = '/dashboards/shop/metrics?site_id=2';
      const tasks = async ({ url }: { url: string }) =>
        (await ask(url + path)).json<{ data: { tasks: number } }>().data.tasks;
      for (const service of services) t.equal(await tasks(service), 1);
      t.equal(await figureOf(other, 'feed_gaps_total'), 0, 'the other stands by');

      const before = await held();
      t.equal(before.slots.length, feed === 'logical' ? 1 : 0);
      t.equal(before.locks.length, 1);
      t.ok(before.queries.length > 0, 'and it has asked queries');
      holder.signal('SIGKILL');
      await holder.ended;
      const killedMs = performance.now();
      const itsOwn = new Set([...before.slots, ...before.locks, ...before.queries]);
      const isGone = async () => !(await held()).all.some((pid) => itsOwn.has(pid));
      t.ok(await until(isGone), 'its sessions are gone, and with them slot and lock');
      const goneMs = performance.now() - killedMs;
      t.ok(goneMs < GONE_WITHIN_MS, `after ${Math.round(goneMs)} ms`);

      await server.query('INSERT INTO tasks (site_id) VALUES (2)');
      t.ok(await until(async () => (await tasks(other)) === 2), 'the other process hears of the next change');
      t.ok(
        performance.now() - killedMs < TAKEN_OVER_WITHIN_MS,
        `after ${Math.round(performance.now() - killedMs)} ms`,
      );
      // Logical replication begins anew, which is a gap; the outbox is read on from where the other stopped.
      t.equal(await figureOf(other, 'feed_gaps_total'), feed === 'logical' ? 1 : 0);
      const after = await held();
      t.equal(after.slots.length, feed === 'logical' ? 1 : 0, 'one slot, of who took over');
      t.equal(after.locks.length, 1);

      t.equal(await other.stop(), 0);
      t.ok(
        await until(async () => Object.values(await held()).every(({ length }) => length === 0)),
        'and in the end nothing',
      );
    },
  );
