import pg from 'pg';
import t from 'tap';
import { systemClock } from '../../../../services/clock.js';
import type { Statement } from '../../../../services/definitions/model.js';
import { noTenant, tenantFromParameter } from '../../../../services/definitions/tenant.js';
import type { Source } from '../../../../services/sources/source.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { startPgbouncer } from '../../../helpers/pgbouncer.js';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres-server.js';
import { within } from '../../../helpers/within.js';
import { backendsOf, openForTest } from './postgres-fixture.js';

const SETTING = 'app.tenant';
const SCHEMA = `
  CREATE TABLE notes (tenant text NOT NULL, body text NOT NULL);
  INSERT INTO notes VALUES ('7', 'seven'), ('8', 'eight'), ('8', 'eight again');
  ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
  ALTER TABLE notes FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON notes USING (tenant = current_setting('${SETTING}'));
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON notes TO reader`;

const raw = (text: string): Statement => ({ text, segments: [text], names: [] });
/** Deliberately without a restriction: what holds tenants apart is the database alone. */
const ALL = raw('SELECT body FROM notes ORDER BY body');
const TOLD = raw(`SELECT current_setting('${SETTING}') AS told`);
const PID = raw('SELECT pg_backend_pid() AS pid');

const asReader = (url: string) => url.replace('postgres@', 'reader@');

/** Asks as that tenant; null: as nobody. */
async function ask(source: Source, tenant: string | null, statement = ALL, more = {}): Promise<unknown[]> {
  const whose = tenant === null ? noTenant : tenantFromParameter(tenant);
  const turn = { tenant: whose, urgency: 'read', maxWaitMs: 1000 } as const;
  const { rows } = await source.query(statement, new Map(), limits({ turn, maxBytes: 8_000_000, ...more }));
  return rows.map(([cell]) => cell);
}

async function secured(): Promise<PostgresServer> {
  const server = await startPostgres();
  await server.query(SCHEMA);
  return server;
}

const inMs = (ms: number) => ({ deadlineAtMs: systemClock.monotonicMs() + ms });

t.test('a source that tells its database the tenant', async (t) => {
  const server = await secured();
  t.after(() => server.stop());
  const open = (poolCount = 1) =>
    openForTest(t, asReader(server.url), { poolCount, tenantSetting: SETTING }).source;

  await t.test('a query without any restriction sees the rows of its tenant alone', async (t) => {
    const source = open();
    t.same(await ask(source, '7'), ['seven']);
    t.same(await ask(source, '8'), ['eight', 'eight again']);
    t.same(await ask(source, '9'), []);
  });

  await t.test('one without a tenant, or without a turn, sees none', async (t) => {
    const source = open();
    t.same(await ask(source, '7'), ['seven']);
    t.same(await ask(source, null), []);
    t.same((await source.query(ALL, new Map(), limits())).rows, []);
    t.same(await ask(source, null, TOLD), ['']);
  });

  await t.test(
    'control: a source that tells nothing is refused by the policy, and a superuser passes it',
    async (t) => {
      const silent = openForTest(t, asReader(server.url)).source;
      t.equal((await failure(ask(silent, '7'))).code, 'source_wrong_answer');
      const passing = openForTest(t, server.url, { tenantSetting: SETTING }).source;
      t.equal((await ask(passing, '7')).length, 3);
    },
  );

  await t.test('a default of the role does not count for a query without a tenant', async (t) => {
    await server.query(`ALTER ROLE reader SET ${SETTING} = '8'`);
    t.same(await ask(open(), null), []);
    t.same(await ask(open(), '7'), ['seven']);
    await server.query(`ALTER ROLE reader RESET ${SETTING}`);
  });

  await t.test('two tenants who take turns on one connection never meet', async (t) => {
    const source = open();
    const pid = await ask(source, '7', PID);
    const asked = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? '7' : '8'));
    const answers = await Promise.all(asked.map((tenant) => ask(source, tenant)));
    t.same(
      answers,
      asked.map((tenant) => (tenant === '7' ? ['seven'] : ['eight', 'eight again'])),
    );
    t.same(await ask(source, '8', PID), pid, 'it was the same session all the time');
  });

  await t.test(
    'after an error, a deadline and a cancelled query nothing of the tenant is left',
    async (t) => {
      const source = open();
      t.equal((await failure(ask(source, '7', raw('SELECT 1 / 0 AS n')))).code, 'source_wrong_answer');
      t.same(await ask(source, null), []);
      t.equal(
        (await failure(ask(source, '7', raw('SELECT pg_sleep(60)'), inMs(400)))).code,
        'source_deadline',
      );
      t.same(await ask(source, null), []);
      const ending = new AbortController();
      const query = failure(ask(source, '7', raw('SELECT pg_sleep(60)'), { signal: ending.signal }));
      await within(5000, async () => (await backendsOf(server)).includes('active'), 'it runs');
      ending.abort();
      await query;
      t.same(await ask(source, null), []);
      t.same(await ask(source, '8'), ['eight', 'eight again']);
    },
  );

  for (const isConforming of ['on', 'off'])
    await t.test(
      `hostile texts reach it as they are, with standard_conforming_strings ${isConforming}`,
      async (t) => {
        await server.query(`ALTER ROLE reader SET standard_conforming_strings = ${isConforming}`);
        const source = open();
        for (const tenant of [
          "7' OR '1'='1",
          "'; RESET ALL; SELECT '",
          "\\'; SET LOCAL app.tenant = '7'; --",
          '\\',
          "\\'",
          "''\\\\''",
          '$$7$$',
          '$a$ 7 $a$',
          ':7',
          '-- 7',
          '/* 7',
          '\\x37',
          '\\u0037',
          'U&"7"',
          '7\n; COMMIT; BEGIN',
          '\u0001\u001f',
          'Zoë \u{1f600}',
          'x'.repeat(1_000_000),
          `${"\\'".repeat(250_000)}`,
        ]) {
          t.same(await ask(source, tenant), [], `no rows for ${tenant.slice(0, 40)}`);
          t.ok((await ask(source, tenant, TOLD))[0] === tenant, 'it is the very text');
        }
        await server.query('ALTER ROLE reader RESET standard_conforming_strings');
      },
    );

  await t.test('a text that no database takes as it is never gets there', async (t) => {
    const source = open();
    for (const tenant of ['7\0', '\0', '7\ud800', '\udc007'])
      t.match(await failure(ask(source, tenant)), { code: 'source_wrong_answer', message: /tenant/ });
    t.same(await ask(source, '7'), ['seven'], 'and the connection is as good as before');
  });

  await t.test('a check, and a look at the schema, are nobody', async (t) => {
    const source = open();
    t.match((await source.check(ALL, new Map())).tables, ['notes']);
    await source.schemaSignature?.();
  });
});

t.test('behind PgBouncer in transaction mode the next client of the session meets no tenant', async (t) => {
  const server = await secured();
  t.after(() => server.stop());
  const pooler = await startPgbouncer(t, {
    targetPort: server.port,
    poolCount: 1,
    users: ['postgres', 'reader'],
  });
  const url = asReader(pooler.through(server.url));
  const { source } = openForTest(t, url, { poolCount: 3, tenantSetting: SETTING });
  const other = new pg.Client({ connectionString: url, application_name: 'another client' });
  await other.connect();
  t.after(() => other.end());
  const left = async () =>
    (await other.query(`SELECT coalesce(current_setting('${SETTING}', true), '') AS told`)).rows;
  const asked = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? '7' : '8'));
  const answers = await Promise.all(asked.map((tenant) => ask(source, tenant)));
  t.same(
    answers,
    asked.map((tenant) => (tenant === '7' ? ['seven'] : ['eight', 'eight again'])),
  );
  t.same(await left(), [{ told: '' }]);
  t.equal((await failure(ask(source, '7', raw('SELECT pg_sleep(60)'), inMs(400)))).code, 'source_deadline');
  t.same(await left(), [{ told: '' }]);
  t.same((await other.query('SELECT * FROM notes')).rows, []);

  await t.test('control: what is set for a session is met by the next', async (t) => {
    await other.query(`SET ${SETTING} = '7'`);
    t.same(await left(), [{ told: '7' }]);
    t.same(await ask(source, null), [], 'and still does not count for a query without a tenant');
  });
});
