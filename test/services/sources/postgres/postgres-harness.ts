import type { Test } from 'tap';
import { parseStatement } from '../../../../services/definitions/statement.js';
import type { SqlSourceHarness } from '../../../contracts/sql-source-contract.js';
import type { PostgresServer } from '../../../helpers/postgres-server.js';
import { backendsOf, openForTest } from './postgres-fixture.js';
import { VALUES } from './postgres-values.js';

/** A source at `url`, by default the server's own, with the tables of `writeTables`; nothing is reached at `absentUrl`. */
export function postgresHarness(
  server: PostgresServer,
  { url = server.url, absentUrl }: { url?: string; absentUrl: string },
): SqlSourceHarness {
  return {
    open: async (t: Test, { concurrencyCount = 2 } = {}) =>
      openForTest(t, url, { poolCount: concurrencyCount }),
    openAbsent: async (t: Test) => openForTest(t, absentUrl),
    isIdle: async () => (await backendsOf(server)).every((state) => state === 'idle'),
    // In the list of columns the rows come one by one; in FROM the server would first store all of them.
    rows: (count) => parseStatement(`SELECT generate_series(1, ${count}) AS n`),
    text: (bytes) => parseStatement(`SELECT repeat('x', ${bytes}) AS text`),
    slow: parseStatement('SELECT pg_sleep(600) AS n'),
    echo: parseStatement('SELECT :value AS value'),
    echoes: 'typed',
    failing: {
      statement: parseStatement("SELECT ('secret' || id)::integer AS n FROM tasks"),
      secrets: [/secret0/, /tasks/, /SELECT/, /127\.0\.0\.1/],
    },
    rejected: { statement: parseStatement("SELECT 'é😀', nope FROM tasks"), offset: 14 },
    writing: {
      text: 'INSERT INTO tasks SELECT * FROM tasks RETURNING id',
      segments: ['INSERT INTO tasks SELECT * FROM tasks RETURNING id'],
      names: [],
    },
    reading: {
      statement: parseStatement(
        'WITH t AS (SELECT * FROM tasks WHERE site_id = :site_id AND created_at < :before) SELECT count(*) AS n, max(created_at) AS last FROM t JOIN sites USING (id) WHERE :site_id IS NULL',
      ),
      types: new Map([
        ['site_id', 'integer'],
        ['before', 'timestamp'],
      ]),
      tables: ['sites', 'tasks'],
      verdict: 'exact',
      columns: 'announced',
    },
    types: ['integer', 'decimal', 'float', 'boolean', 'text', 'date', 'timestamp', 'json'],
    mappings: VALUES.map(([expression, type, cell]) => ({
      title: expression.slice(0, 60),
      statement: { text: `SELECT ${expression} AS v`, segments: [`SELECT ${expression} AS v`], names: [] },
      type,
      cell,
    })),
  };
}
