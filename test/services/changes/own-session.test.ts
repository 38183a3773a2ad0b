import pg from 'pg';
import t, { type Test } from 'tap';
import type { ChangeFeed } from '../../../services/changes/change-feed.js';
import { openFeed } from '../../../services/changes/open-feed.js';
import { type Pgbouncer, type PgbouncerOptions, startPgbouncer } from '../../helpers/pgbouncer.js';
import type { PostgresServer } from '../../helpers/postgres-server.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { within } from '../../helpers/within.js';
import {
  changesOf,
  feedDatabase,
  feedOptions,
  Heard,
  install,
  openedFeed,
  TASKS_SCHEMA,
} from './support/feed-room.js';

const KINDS = ['logical', 'notify', 'poll'] as const;
const REMEDY = /shares sessions.*`changes: \{ url: \.\.\. \}`/;

async function pooledDatabase(
  t: Test,
  options: Omit<PgbouncerOptions, 'targetPort'>,
): Promise<{ server: PostgresServer; pooler: Pgbouncer }> {
  const server = await feedDatabase(t);
  await server.query(TASKS_SCHEMA);
  return { server, pooler: await startPgbouncer(t, { targetPort: server.port, ...options }) };
}

function openedThere(
  t: Test,
  url: string,
  kind: ChangeFeed['kind'],
): { feed: ChangeFeed; heard: Heard; log: RecordingLog } {
  const heard = new Heard();
  const log = new RecordingLog();
  const feed = openFeed({ ...feedOptions({ url, changes: changesOf(kind, { tasks: {} }), heard }), log });
  t.teardown(() => feed.close());
  feed.start();
  return { feed, heard, log };
}

for (const [title, lines] of [
  ['which gives the session that was used last', []],
  ['which gives its sessions in turn', ['server_round_robin = 1', 'min_pool_size = 3']],
] as const)
  t.test(
    `PgBouncer in transaction mode, ${title}: no feed lives there, and it says what to do`,
    async (t) => {
      const { server, pooler } = await pooledDatabase(t, { poolCount: 3, lines });
      const url = pooler.through(server.url);
      for (const kind of KINDS) {
        await install({ url: server.url, changes: changesOf(kind, { tasks: {} }) });
        const { feed, heard, log } = openedThere(t, url, kind);
        await within(10_000, () => REMEDY.test(feed.state().detail ?? ''), `${kind}: it says so`);
        t.equal(feed.state().ok, false, kind);
        t.match(log.lines, [{ level: 'warn', details: { source: 'main', reason: REMEDY } }], kind);
        await within(10_000, async () => (await opened(pooler)) === 0, 'nothing stays open');
        t.same(heard.told, [], kind);
        await feed.close();
      }
      await t.rejects(install({ url, changes: changesOf('notify', { tasks: {} }) }), REMEDY);
      const others = await Promise.all([1, 2, 3].map(() => settingsMetBy(url)));
      t.same(new Set(others), new Set(['0 on 0']), 'no setting, no lock is left to others');
    },
  );

t.test(
  'PgBouncer in session mode: its sessions belong to one client, so a feed of triggers hears',
  async (t) => {
    const { server, pooler } = await pooledDatabase(t, { mode: 'session' });
    const changes = changesOf('notify', { tasks: {} });
    await install({ url: server.url, changes });
    const { heard, caughtUp } = openedFeed(t, { url: pooler.through(server.url), changes });
    await caughtUp();
    heard.take();
    await server.query('INSERT INTO tasks VALUES (1, 7)');
    await caughtUp();
    t.same(heard.take(), ['public.tasks']);
  },
);

t.test('control: sessions that are shared leave their settings to others', async (t) => {
  const { server, pooler } = await pooledDatabase(t, { poolCount: 1 });
  const url = pooler.through(server.url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("SET statement_timeout = '4500'; SELECT pg_advisory_lock(7)");
  t.equal(await settingsMetBy(url), '4500ms on 1');
  await client.end();
});

/** What a client of the pooler meets that asked for nothing. */
async function settingsMetBy(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('synchronous_commit'),
         (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')) AS met`,
    );
    return rows[0].met;
  } finally {
    await client.end();
  }
}

/** Sessions of feeds that the pooler has open. */
async function opened(pooler: Pgbouncer): Promise<number> {
  const clients = await pooler.show('CLIENTS');
  return clients.filter(({ application_name: name }) => String(name).startsWith('dashcache feed')).length;
}
