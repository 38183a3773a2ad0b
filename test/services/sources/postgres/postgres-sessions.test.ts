import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { systemClock } from '../../../../services/clock.js';
import type { BindValue, Statement } from '../../../../services/definitions/model.js';
import { parseStatement } from '../../../../services/definitions/statement.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { freePort } from '../../../helpers/free-port.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { startPostgres } from '../../../helpers/postgres-server.js';
import { backendsOf, openForTest } from './postgres-fixture.js';

const NOTHING = new Map<string, BindValue>();
/** As it stands, without what the definitions would say of it. */
const raw = (text: string): Statement => ({ text, segments: [text], names: [] });
const deadlineIn = (ms: number) => systemClock.monotonicMs() + ms;

t.test('on a real server', async (t) => {
  const server = await startPostgres({ lines: ['max_connections = 20'] });
  t.after(() => server.stop());
  const closedPort = await freePort();
  await server.query(
    "CREATE TABLE moments AS SELECT TIMESTAMP '2026-07-01 12:00' AS naive, TIMESTAMPTZ '2026-07-01 12:00+00' AS aware",
  );

  t.test('nothing of a query stays in the session: a pooler may give it to somebody else', async (t) => {
    const { source } = openForTest(t, server.url, { poolCount: 1 });
    const pid = async () =>
      (await source.query(raw('SELECT pg_backend_pid() AS pid'), NOTHING, limits())).rows;
    const before = await pid();
    await source.query(raw("SELECT set_config('work_mem', '77MB', false) AS set"), NOTHING, limits());
    const state = await source.query(
      raw(
        "SELECT current_setting('work_mem') = '77MB' AS leaks, (SELECT count(*) FROM pg_prepared_statements) AS prepared",
      ),
      NOTHING,
      limits(),
    );
    t.same(state.rows, [[false, 0]]);
    t.same(await pid(), before, 'it was the same session all the time');
  });

  t.test('a query runs in a read-only transaction, with all that gives its texts a meaning', async (t) => {
    for (const setting of [
      "DateStyle = 'German'",
      "IntervalStyle = 'iso_8601'",
      "bytea_output = 'escape'",
      'extra_float_digits = -5',
    ])
      await server.query(`ALTER DATABASE shop SET ${setting}`);
    t.after(async () => {
      for (const name of ['DateStyle', 'IntervalStyle', 'bytea_output', 'extra_float_digits'])
        await server.query(`ALTER DATABASE shop RESET ${name}`);
    });
    await server.query('CREATE SEQUENCE numbers');
    const { source } = openForTest(t, server.url);
    const { rows } = await source.query(
      raw(
        "SELECT current_setting('transaction_read_only') AS r, DATE '2026-02-03' AS d, INTERVAL '1 day' AS i, '\\x00ff'::bytea AS b, 0.1::float8 + 0.2::float8 AS f",
      ),
      NOTHING,
      limits(),
    );
    t.same(rows, [['on', '2026-02-03', 'P1D', 'AP8=', 0.1 + 0.2]]);
    t.equal(
      (await failure(source.query(raw("SELECT nextval('numbers')"), NOTHING, limits()))).code,
      'source_wrong_answer',
    );
  });

  t.test('naive timestamps are meant in the zone of the source, bound and read', async (t) => {
    const { source } = openForTest(t, server.url, { timezone: 'Europe/Berlin' });
    const at = (iso: string) =>
      new Map<string, BindValue>([['at', { type: 'timestamp', value: Date.parse(iso) }]]);
    const { rows } = await source.query(raw('SELECT naive, aware FROM moments'), NOTHING, limits());
    t.same(rows, [['2026-07-01T10:00:00Z', '2026-07-01T12:00:00Z']]);
    const found = async (column: string, iso: string) =>
      (
        await source.query(
          parseStatement(`SELECT 1 AS one FROM moments WHERE ${column} = :at`),
          at(iso),
          limits(),
        )
      ).rows.length;
    t.equal(await found('naive', '2026-07-01T10:00:00Z'), 1);
    t.equal(await found('aware', '2026-07-01T12:00:00Z'), 1);
    t.equal(await found('naive', '2026-07-01T12:00:00Z'), 0);
    const echo = await source.query(parseStatement('SELECT :at AS at'), at('0000-01-01T00:00:00Z'), limits());
    t.same(echo.rows, [['0000-01-01T00:00:00Z']], 'and a year that PostgreSQL calls 1 BC');
  });

  t.test('the server ends a query a little before our deadline, and the connection lives on', async (t) => {
    const { source, observed } = openForTest(t, server.url, { poolCount: 1 });
    const told = await source.query(
      raw("SELECT current_setting('statement_timeout') AS t"),
      NOTHING,
      limits({ deadlineAtMs: deadlineIn(10_000) }),
    );
    t.match(told.rows[0]?.[0], /^9[45]\d\dms$/);
    const pid = async () =>
      (await source.query(raw('SELECT pg_backend_pid() AS pid'), NOTHING, limits())).rows;
    const before = await pid();
    const error = await failure(
      source.query(raw('SELECT pg_sleep(60)'), NOTHING, limits({ deadlineAtMs: deadlineIn(500) })),
    );
    t.equal(error.code, 'source_deadline');
    t.same(await pid(), before);
    t.match(observed.at(-2), { failed: true });
  });

  t.test('a query that somebody ends in the database is overloaded, not late', async (t) => {
    const { source } = openForTest(t, server.url);
    const query = failure(source.query(raw('SELECT pg_sleep(60) AS gone'), NOTHING, limits()));
    let endedCount = 0;
    while (endedCount === 0) {
      await sleep(20);
      endedCount = (
        await server.query(
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%AS gone%' AND application_name = 'dashcache' AND state = 'active'",
        )
      ).rows.length;
    }
    t.match(await query, { code: 'source_overloaded', retryAfterSeconds: 5 });
  });

  t.test('one value of 300 MB is given up on the line, not taken in', async (t) => {
    const { source } = openForTest(t, server.url);
    await source.query(raw('SELECT 1'), NOTHING, limits());
    const beforeBytes = process.memoryUsage().rss;
    const error = await failure(
      source.query(raw("SELECT repeat('x', 300000000) AS text"), NOTHING, limits({ maxBytes: 1000 })),
    );
    t.match(error, { code: 'source_wrong_answer', message: /1000 .*max_bytes/ });
    t.ok(
      process.memoryUsage().rss - beforeBytes < 100_000_000,
      'the memory of this process did not grow by it',
    );
    t.equal((await source.query(raw('SELECT 1'), NOTHING, limits())).rows.length, 1);
  });

  t.test(
    'queries that are given up one after the other never have more backends than the pool',
    async (t) => {
      for (let look = 0; look < 200 && (await backendsOf(server)).length > 0; look++) await sleep(10);
      const { source } = openForTest(t, server.url, { poolCount: 2 });
      let most = 0;
      let isOver = false;
      const looking = (async () => {
        while (!isOver) most = Math.max(most, (await backendsOf(server)).length);
      })();
      for (let round = 0; round < 40; round++) {
        const ending = new AbortController();
        const queries = Array.from({ length: 3 }, () =>
          failure(source.query(raw('SELECT pg_sleep(60)'), NOTHING, limits({ signal: ending.signal }))),
        );
        await sleep(15);
        ending.abort();
        await Promise.all(queries);
      }
      isOver = true;
      await looking;
      t.ok(most >= 1 && most <= 2, `at most ${most}`);
    },
  );

  t.test('connections that nobody uses are given back', async (t) => {
    const clock = new ManualClock();
    const { source } = openForTest(t, server.url, { clock });
    await source.query(raw('SELECT 1'), NOTHING, limits());
    t.equal((await backendsOf(server)).length, 1);
    clock.advance(31_000);
    for (let look = 0; look < 200 && (await backendsOf(server)).length > 0; look++) await sleep(10);
    t.equal((await backendsOf(server)).length, 0);
    t.equal((await source.query(raw('SELECT 1'), NOTHING, limits())).rows.length, 1);
  });

  t.test('a connection that the server closed meanwhile is not used again', async (t) => {
    const { source } = openForTest(t, server.url);
    await source.query(raw('SELECT 1'), NOTHING, limits());
    await server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dashcache'",
    );
    await sleep(50);
    t.equal((await source.query(raw('SELECT 1'), NOTHING, limits())).rows.length, 1);
  });

  t.test('a server that lets nobody in: source_down, and why only in the state', async (t) => {
    await server.query('CREATE ROLE locked LOGIN CONNECTION LIMIT 0');
    const as = (change: (url: URL) => void) => {
      const url = new URL(server.url);
      change(url);
      return url.href;
    };
    const cases: readonly [title: string, url: string, detail: RegExp][] = [
      [
        'no such role',
        as((url) => {
          url.username = 'nobody';
        }),
        /role "nobody" does not exist/,
      ],
      [
        'no such database',
        as((url) => {
          url.pathname = '/nowhere';
        }),
        /database "nowhere" does not exist/,
      ],
      [
        'too many connections',
        as((url) => {
          url.username = 'locked';
        }),
        /too many connections/,
      ],
      [
        'no server',
        as((url) => {
          url.port = String(closedPort);
        }),
        /ECONNREFUSED/,
      ],
      [
        'no TLS',
        as((url) => {
          url.search = '?sslmode=require';
        }),
        /SSL/,
      ],
    ];
    for (const [title, url, detail] of cases) {
      const { source, observed } = openForTest(t, url);
      const error = await failure(source.query(raw('SELECT 1'), NOTHING, limits()));
      t.match(error, { code: 'source_down', retryAfterSeconds: 5 }, title);
      t.notMatch(error.message, /nobody|nowhere|locked|127\.0\.0\.1|\d{4}/, `${title}: no secret`);
      t.match(source.state(), { ok: false, detail }, title);
      t.equal((await failure(source.check(raw('SELECT 1'), new Map()))).code, 'source_down', title);
      t.equal(observed.length, 0);
    }
  });
  t.test('what a check refuses, and where', async (t) => {
    const { source } = openForTest(t, server.url);
    const cases: readonly [text: string, message: RegExp, offset: number | null][] = [
      ['SELEC 1', /syntax error/, 0],
      ["SELECT '😀' FROM nowhere", /relation "nowhere" does not exist/, 17],
      ["SELECT 'x'::int", /invalid input syntax/, 7],
      ['SELECT 1 FROM moments FOR UPDATE', /Only a SELECT/, 0],
      ['WITH gone AS (DELETE FROM moments RETURNING 1) SELECT * FROM gone', /Only a SELECT/, 0],
      ['SHOW work_mem', /Only a SELECT/, 0],
      ['SELECT 1; SELECT 2', /cannot insert multiple commands/, null],
    ];
    for (const [text, message, offset] of cases)
      await t.rejects(
        source.check(raw(text), new Map()),
        { name: 'StatementRejected', message, offset },
        text,
      );
    const bound = parseStatement('SELECT 1 FROM moments WHERE naive = :day AND nope');
    await t.rejects(source.check(bound, new Map([['day', 'date']])), {
      name: 'StatementRejected',
      offset: 45,
    });
    await t.rejects(source.check(bound, new Map()), { name: 'StatementRejected', offset: 36 });
    t.equal((await source.query(raw('SELECT 1'), NOTHING, limits())).rows.length, 1, 'and goes on');
  });
});
