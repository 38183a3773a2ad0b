import pg from 'pg';
import t from 'tap';
import { systemClock } from '../../../../services/clock.js';
import type { Statement } from '../../../../services/definitions/model.js';
import { failure, limits, sourceContract } from '../../../contracts/source-contract.js';
import { sqlSourceContract } from '../../../contracts/sql-source-contract.js';
import { freePort } from '../../../helpers/free-port.js';
import { type Pgbouncer, startPgbouncer } from '../../../helpers/pgbouncer.js';
import { startPostgres } from '../../../helpers/postgres-server.js';
import { within } from '../../../helpers/within.js';
import { backendsOf, openForTest } from './postgres-fixture.js';
import { postgresHarness } from './postgres-harness.js';
import { writeTables } from './postgres-values.js';

const SETTINGS = [
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'client_connection_check_interval',
  'transaction_read_only',
  'TimeZone',
  'DateStyle',
  'IntervalStyle',
  'bytea_output',
  'extra_float_digits',
];
/** All of a session that a query of ours could change. */
const SEEN = `SELECT pg_backend_pid(), (SELECT count(*)::int FROM pg_prepared_statements), ${SETTINGS.map((name) => `current_setting('${name}')`).join(', ')}`;

const raw = (text: string): Statement => ({ text, segments: [text], names: [] });

t.test('a source behind PgBouncer in transaction mode is a source as any other', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await writeTables(server);
  const pooler = await startPgbouncer(t, { targetPort: server.port });
  const empty = await startPgbouncer(t, { targetPort: await freePort() });
  const harness = postgresHarness(server, {
    url: pooler.through(server.url),
    absentUrl: empty.through(server.url),
  });
  sourceContract(t, harness);
  sqlSourceContract(t, harness);
});

t.test('one session of the server for everybody', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const pooler = await startPgbouncer(t, { targetPort: server.port, poolCount: 1 });
  const url = pooler.through(server.url);
  const other = new pg.Client({ connectionString: url, application_name: 'another client' });
  await other.connect();
  t.after(() => other.end());
  const meets = async (text: string) => Object.values((await other.query(text)).rows[0] ?? {});
  const { source } = openForTest(t, url, { poolCount: 3, timezone: 'Europe/Berlin' });
  const ask = (text: string, deadlineMs = 20_000) =>
    source.query(raw(text), new Map(), limits({ deadlineAtMs: systemClock.monotonicMs() + deadlineMs }));
  const before = await meets(SEEN);

  await t.test('nothing of a query is met by the next client of its session', async (t) => {
    const { rows } = await ask(
      "SELECT pg_backend_pid() AS pid, current_setting('statement_timeout') <> '0' AS limited, current_setting('transaction_read_only') AS read_only, current_setting('TimeZone') AS zone",
    );
    t.same(rows, [[before[0], true, 'on', 'Europe/Berlin']], 'it was the same session');
    t.same(await meets(SEEN), before);
    await source.check(raw('SELECT 1 AS one'), new Map());
    await source.schemaSignature?.();
    t.same(await meets(SEEN), before, 'nor of a check, nor of a look at the schema');
    await ask("SELECT set_config('work_mem', '77MB', false) AS set");
    t.same(await meets("SELECT current_setting('work_mem')"), ['4MB']);
    t.equal((await other.query('CREATE TABLE IF NOT EXISTS mine ()')).command, 'CREATE', 'it may write');
  });

  await t.test('control: what is set for a session is met by the next', async (t) => {
    await other.query("SET statement_timeout = '77s'");
    t.same((await ask("SELECT reset_val AS t FROM pg_settings WHERE name = 'work_mem'")).rows, [['4096']]);
    const third = new pg.Client({ connectionString: url });
    await third.connect();
    t.same((await third.query('SHOW statement_timeout')).rows, [{ statement_timeout: '77s' }]);
    await third.end();
    await other.query('RESET statement_timeout');
  });

  await t.test('a query that is late, cancelled or too large gives the session back as it was', async (t) => {
    t.equal((await failure(ask('SELECT pg_sleep(60)', 500))).code, 'source_deadline');
    t.same(await meets(SEEN), before);
    const ending = new AbortController();
    const query = failure(
      source.query(raw('SELECT pg_sleep(60)'), new Map(), limits({ signal: ending.signal })),
    );
    await within(5000, async () => (await backendsOf(server)).includes('active'), 'it runs');
    ending.abort();
    t.equal((await query).code, 'source_deadline');
    t.notOk((await backendsOf(server)).includes('active'), 'the server has ended it');
    t.same(await meets(SEEN), before);
    const large = source.query(raw("SELECT repeat('x', 5000) AS x"), new Map(), limits({ maxBytes: 1000 }));
    t.equal((await failure(large)).code, 'source_wrong_answer');
    t.same(await meets(SEEN), before);
  });

  await t.test('who waits for a session waits until the deadline at most', async (t) => {
    await other.query('BEGIN');
    const bounds = { signal: AbortSignal.timeout(500), deadlineAtMs: systemClock.monotonicMs() + 500 };
    const waiting = source.query(raw('SELECT 1 AS one'), new Map(), limits(bounds));
    t.equal((await failure(waiting)).code, 'source_deadline');
    await other.query('ROLLBACK');
    t.same((await ask('SELECT 1 AS one')).rows, [[1]]);
  });

  await t.test('many queries at once take turns, and the server has one session', async (t) => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => ask(`SELECT ${n} AS n`)));
    t.same(
      answers.map(({ rows }) => rows[0]?.[0]),
      Array.from({ length: 30 }, (_, n) => n),
    );
    t.equal((await serversOf(pooler)).length, 1);
  });
});

t.test('the server behind it comes back: so does the source', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const pooler = await startPgbouncer(t, { targetPort: server.port });
  const { source } = openForTest(t, pooler.through(server.url));
  // PgBouncer lets its clients wait while there is no server; whoever asks a source has a deadline.
  const ask = () =>
    source.query(raw('SELECT 1 AS one'), new Map(), limits({ signal: AbortSignal.timeout(1000) }));
  await ask();
  await server.kill();
  t.match((await failure(ask())).code, /^source_(down|deadline)$/);
  t.equal(source.state().ok, false);
  await server.restart();
  await within(10_000, async () => (await ask()).rows.length === 1, 'it answers again');
  t.equal(source.state().ok, true);
});

async function serversOf(pooler: Pgbouncer): Promise<readonly unknown[]> {
  return (await pooler.show('SERVERS')).filter(({ database }) => database === 'shop');
}
