import t from 'tap';
import { parseSql } from '../../../services/sources/postgres/dependencies/parser.js';
import { postgresShape } from '../../../services/tenant-proof/postgres-shape.js';
import { proveRestricted } from '../../../services/tenant-proof/prove-restricted.js';
import { startPostgres } from '../../helpers/postgres-server.js';

const ACCEPTED = [
  'SELECT * FROM a WHERE site = :t',
  'SELECT * FROM a WHERE :t = site',
  'SELECT * FROM a WHERE site IN (:t)',
  'SELECT * FROM a WHERE site = ANY (ARRAY[:t])',
  'SELECT count(*) FROM a WHERE k > 0 AND site = :t',
  'SELECT * FROM a WHERE (site = :t AND k = 1) OR (site = :t AND k = 2)',
  'SELECT * FROM a JOIN b ON a.site = b.site WHERE a.site = :t',
  'SELECT * FROM a JOIN b USING (site) WHERE site = :t',
  'SELECT a.k, b.k FROM a, b WHERE a.site = :t AND b.site = a.site',
  'SELECT * FROM a LEFT JOIN b ON b.site = a.site AND b.k = a.k WHERE a.site = :t',
  'SELECT * FROM a LEFT JOIN b ON b.k = a.k AND b.site = :t WHERE a.site = :t',
  'SELECT * FROM b RIGHT JOIN a ON b.site = a.site WHERE a.site = :t',
  'WITH c AS (SELECT * FROM a WHERE site = :t) SELECT * FROM c',
  'WITH c AS (SELECT site, k FROM a WHERE site = :t) SELECT * FROM c JOIN b ON b.site = c.site',
  'SELECT * FROM (SELECT site, count(*) n FROM a WHERE site = :t GROUP BY site) x JOIN b ON b.site = x.site',
  'SELECT k FROM a WHERE site = :t UNION ALL SELECT k FROM b WHERE site = :t',
  'SELECT k, (SELECT count(*) FROM b WHERE b.site = a.site) FROM a WHERE a.site = :t',
  'SELECT k FROM a WHERE a.site = :t AND EXISTS (SELECT 1 FROM b WHERE b.site = a.site AND b.k = a.k)',
  'SELECT * FROM a CROSS JOIN LATERAL (SELECT max(k) m FROM b WHERE b.site = a.site) x WHERE a.site = :t',
  'SELECT n, count(a.k) FROM generate_series(1, 3) n LEFT JOIN a ON a.k = n AND a.site = :t GROUP BY n',
  'SELECT * FROM a JOIN s ON s.k = a.k WHERE a.site = :t',
  'SELECT k, row_number() OVER (ORDER BY k) FROM a WHERE site = :t',
];
/** Each binds the tenant, and each shows something of another one. */
const LEAKS = [
  'SELECT :t AS site_id, * FROM a',
  'SELECT * FROM a WHERE site = :t OR k = 2',
  'SELECT * FROM a WHERE NOT (site = :t)',
  'SELECT * FROM a WHERE site >= :t',
  'SELECT * FROM a WHERE site <> :t',
  'SELECT * FROM a WHERE site IN (:t, 2)',
  'SELECT * FROM a JOIN b ON a.k = b.k WHERE a.site = :t',
  'SELECT * FROM a LEFT JOIN b ON a.site = :t AND b.k = a.k',
  'SELECT * FROM a LEFT JOIN b ON a.site = b.site AND b.site = :t',
  'SELECT * FROM a FULL JOIN b ON a.site = b.site AND a.site = :t',
  'SELECT * FROM a RIGHT JOIN b ON a.site = b.site AND a.site = :t',
  'SELECT k FROM a WHERE site = :t UNION ALL SELECT k FROM b',
  'SELECT k + 1 AS k FROM a WHERE site = :t EXCEPT SELECT k FROM b',
  'SELECT k, (SELECT count(*) FROM b) FROM a WHERE site = :t',
  'SELECT k FROM a WHERE a.site = :t AND EXISTS (SELECT 1 FROM b WHERE b.site <> a.site)',
  'WITH c AS (SELECT * FROM a) SELECT count(*), :t AS t FROM c',
  'SELECT (SELECT count(*) FROM a x WHERE a.site = :t) FROM a WHERE a.site = :t',
  'SELECT (SELECT count(*) FROM a WHERE a.k >= 0) FROM a WHERE a.site = :t',
  'SELECT count(*) FILTER (WHERE site = :t), count(*) FROM a',
  'SELECT CASE WHEN site = :t THEN 1 ELSE k END FROM a',
  'SELECT site, count(*) FROM a GROUP BY site HAVING count(*) > :t - 1',
  'SELECT * FROM a WHERE COALESCE(site = :t, true) OR true',
  'SELECT k, n FROM s LEFT JOIN LATERAL (SELECT count(*) n FROM d WHERE site = :t) x ON true',
];
const ROWS = ['(1, 1)', '(1, 2)', '(1, 3)'];
const OTHERS = ['(2, 1)', '(2, 2)', '(2, 4)', '(3, 1)'];

t.test('accepted queries do not change by rows of other tenants, refused ones do', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  await server.query('CREATE TABLE a (site int, k int)');
  await server.query('CREATE TABLE b (site int, k int)');
  // `site` of the query around it is meant where this one has none.
  await server.query('CREATE TABLE d (k int)');
  await server.query('CREATE TABLE s (k int, site int DEFAULT 1)');
  await server.query('INSERT INTO s VALUES (1), (2), (3), (4)');
  const results = async (): Promise<string[]> => {
    const all: string[] = [];
    for (const sql of [...ACCEPTED, ...LEAKS]) {
      const { rows } = await server.query(sql.replaceAll(':t', 'CAST(1 AS int8)'));
      all.push(JSON.stringify(rows.map((row) => JSON.stringify(row)).sort()));
    }
    return all;
  };
  for (const table of ['a', 'b']) await server.query(`INSERT INTO ${table} VALUES ${ROWS.join()}`);
  const alone = await results();
  for (const table of ['a', 'b']) await server.query(`INSERT INTO ${table} VALUES ${OTHERS.join()}`);
  await server.query('INSERT INTO d VALUES (1)');
  const together = await results();
  for (const [at, sql] of [...ACCEPTED, ...LEAKS].entries()) {
    const tree = await parseSql(sql.replaceAll(':t', '(CAST($1 AS bigint))'));
    const unproved = proveRestricted(
      postgresShape(tree, (n) => n === 1),
      { sharedTables: new Set(['s']) },
    );
    t.equal(unproved.length === 0, at < ACCEPTED.length, `${sql}: ${JSON.stringify(unproved)}`);
    t.equal(alone[at] === together[at], at < ACCEPTED.length, `run: ${sql}`);
  }
});

t.test('what cannot be read is not proved', async (t) => {
  const sharedTables = new Set<string>();
  for (const sql of [
    'SELEC nothing',
    'WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone',
    'SELECT 1; SELECT * FROM a',
    'SELECT * FROM a NATURAL JOIN b WHERE a.site = $1',
    'SELECT * FROM a TABLESAMPLE SYSTEM (50) WHERE site = $1',
    "SELECT query_to_xml('SELECT * FROM a', true, true, '')",
    'WITH a AS (SELECT 1) SELECT * FROM public.a',
    'SELECT t.k, (SELECT count(*) FROM b t WHERE t.k > 0) FROM a t WHERE t.site = $1',
  ]) {
    const shape = postgresShape(await parseSql(sql), (n) => n === 1);
    t.not(proveRestricted(shape, { sharedTables }).length, 0, sql);
  }
});
