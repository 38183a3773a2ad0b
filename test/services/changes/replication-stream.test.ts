import pg from 'pg';
import t from 'tap';
import { ReplicationStream } from '../../../services/changes/logical/replication-stream.js';
import { TransactionReader } from '../../../services/changes/logical/transaction-reader.js';
import { publicationOf } from '../../../services/changes/watched-shape.js';
import { turns } from '../../helpers/cache-room.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { within } from '../../helpers/within.js';
import { changesOf, feedDatabase, feedOptions, install, TASKS, TASKS_SCHEMA } from './support/feed-room.js';

const REST_MS = 10;
const COMMITS_COUNT = 20;

t.test('given a rest, what commits meanwhile is taken together after it', async (t) => {
  const server = await feedDatabase(t);
  await server.query(TASKS_SCHEMA);
  const opened = { url: server.url, changes: changesOf('logical', TASKS) };
  await install(opened);
  const clock = new ManualClock();
  const stream = await ReplicationStream.open({ ...feedOptions(opened), clock });
  t.teardown(() => stream.close());
  stream.lost.catch(() => {});
  const reader = new TransactionReader();
  let heardCount = 0;
  await stream.createSlot('rested');
  stream.start('rested', publicationOf('main'), {
    data: (bytes, at) => {
      if (reader.read(bytes, at)) heardCount++;
    },
  });
  const writer = new pg.Client(server.url);
  await writer.connect();
  t.teardown(() => writer.end());
  const commit = (id: number) => writer.query('INSERT INTO tasks VALUES ($1, 7)', [id]);
  await commit(0);
  await within(10_000, () => heardCount === 1, 'it streams');

  stream.rest();
  stream.rest();
  await turns();
  for (let id = 1; id <= COMMITS_COUNT; id++) await commit(id);
  const sent = `SELECT sent_lsn >= $1::pg_lsn AS is_sent FROM pg_stat_replication`;
  const { rows } = await writer.query('SELECT pg_current_wal_lsn()::text AS lsn');
  for (;;) if ((await writer.query(sent, [rows[0].lsn])).rows[0]?.is_sent) break;
  t.equal(heardCount, 1);

  stream.pause();
  clock.advance(REST_MS);
  await turns();
  t.equal(heardCount, 1, 'a pause outlasts a rest');
  stream.resume();
  await within(10_000, () => heardCount === 1 + COMMITS_COUNT, 'all of it is heard');

  await commit(COMMITS_COUNT + 1);
  await within(
    10_000,
    () => heardCount === 2 + COMMITS_COUNT,
    'without another rest all is heard as it comes',
  );
});

t.test('given messages, it counts as heard; without any the silence grows', async (t) => {
  const server = await feedDatabase(t);
  await server.query(TASKS_SCHEMA);
  const opened = { url: server.url, changes: changesOf('logical', TASKS) };
  await install(opened);
  const clock = new ManualClock();
  const stream = await ReplicationStream.open({ ...feedOptions(opened), clock });
  t.teardown(() => stream.close());
  stream.lost.catch(() => {});
  await stream.createSlot('silent');
  let messagesCount = 0;
  stream.start('silent', publicationOf('main'), {
    data: () => {
      messagesCount++;
    },
  });
  await server.query('INSERT INTO tasks VALUES (1, 7)');
  await within(10_000, () => messagesCount >= 4, 'a transaction and its table');
  clock.advance(9000);
  t.equal(stream.silentForMs(), 0);
  await server.freeze();
  await turns();
  stream.silentForMs();
  clock.advance(9000);
  t.equal(stream.silentForMs(), 9000);
  await server.thaw();
  stream.probe();
  await within(10_000, () => stream.silentForMs() === 0, 'it answers');

  stream.pause();
  clock.advance(60_000);
  t.equal(stream.silentForMs(), 0, 'while nothing is read, nothing can be heard');
  await server.freeze();
  stream.resume();
  await turns();
  stream.silentForMs();
  clock.advance(9000);
  t.equal(stream.silentForMs(), 9000, 'and then it counts again');
  await server.thaw();
});
