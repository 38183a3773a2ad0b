import type pg from 'pg';
import t from 'tap';
import { Catalogue } from '../../services/sources/postgres/dependencies/catalogue.js';
import { explainedTables } from '../../services/sources/postgres/dependencies/explained-tables.js';
import { namesIn } from '../../services/sources/postgres/dependencies/names-in.js';
import { parseSql } from '../../services/sources/postgres/dependencies/parser.js';
import { tableName } from '../../services/sources/postgres/dependencies/table-name.js';
import { readTables } from '../../services/sources/postgres/tables-read.js';
import { replayOf, SeededRandom, testSeed } from '../helpers/seeded-random.js';
import { truthOf } from './oracle.js';
import { startCorpus } from './postgres/postgres-corpus.js';
import { randomQueries } from './random-queries.js';
import { type CorpusQuery, corpusTouches } from './read-corpus.js';
import { score, scoreLine, type Told } from './score.js';

const touches = corpusTouches('postgres');
const inserts = touches.filter(({ sql }) => sql.startsWith('INSERT'));
const touchable = new Set(touches.map(({ table }) => table));
const { client, database, queries } = await startCorpus(t);
const truth = await truthOf(database, queries, touches);

/** DASHCACHE_TEST_QUERIES has more of them tried. */
const RANDOM_COUNT = Number(process.env['DASHCACHE_TEST_QUERIES'] ?? 20);

t.test('every table whose change alters an answer is told, and few others', async (t) => {
  t.ok(queries.length >= 150);
  const told = new Map<CorpusQuery, Told>();
  for (const query of queries) told.set(query, await readTables(client, query.sql));
  const found = score(told, truth, touchable);
  t.comment(scoreLine(found));
  t.same(found.missed, []);
  t.ok(found.trueCount > queries.length);
  t.ok(found.rightCount / found.namedCount >= 0.9, found.needless.join('\n'));
  t.ok(found.verdicts.unknown <= 15, 'unknown is no way out');
});

t.test('nested at random, names shadowed by expressions, the same holds', async (t) => {
  const seed = testSeed();
  t.comment(replayOf(seed));
  const random = randomQueries(new SeededRandom(seed), RANDOM_COUNT);
  const told = new Map<CorpusQuery, Told>();
  for (const query of random) told.set(query, await readTables(client, query.sql));
  const found = score(told, await truthOf(database, random, inserts), touchable);
  t.comment(`${found.heardCount} of ${found.trueCount} tables that change an answer are told`);
  t.same(found.missed, []);
  t.equal(found.verdicts.unknown, 0);
});

t.test('neither the parser, nor the catalogue, nor a plan alone tells all', async (t) => {
  const alone = async (title: string, tablesOf: (query: CorpusQuery) => Promise<readonly string[]>) => {
    const told = new Map<CorpusQuery, Told>();
    for (const query of queries) told.set(query, { tables: await tablesOf(query), verdict: 'exact' });
    const found = score(told, truth, touchable);
    t.comment(`${title} alone: ${scoreLine(found)}`);
    t.ok(found.missed.length > 0, title);
  };
  await alone('the parser', ({ sql }) => parsedTables(client, sql));
  await alone('the catalogue', (query) => recordedTables(client, query));
  await alone('a plan', async ({ sql }) => {
    const tree = await parseSql(sql);
    const { versionNumber } = await new Catalogue(client).session();
    return [...((await explainedTables(client, { sql, tree, versionNumber }))?.tables ?? [])];
  });
});

/** The tables that stand in the text. */
async function parsedTables(client: pg.ClientBase, sql: string): Promise<string[]> {
  const catalogue = new Catalogue(client);
  const { path } = await catalogue.session();
  const relations = await catalogue.relationsNamed(namesIn(await parseSql(sql)).relations, path);
  return relations.flatMap((relation) => (relation ? tableName(relation) : []));
}

const RECORDED = `WITH RECURSIVE reached (oid) AS (
    SELECT 'pg_temp.probe'::regclass::oid
    UNION SELECT d.refobjid FROM reached JOIN pg_rewrite w ON w.ev_class = reached.oid
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass)
  SELECT DISTINCT relnamespace::regnamespace::text AS schema, relname AS name FROM reached JOIN pg_class c ON c.oid = reached.oid
  WHERE c.relkind <> 'v'`;

/** What PostgreSQL writes down of a view that is the query; its values as literals, which a view may have. */
async function recordedTables(client: pg.ClientBase, { sql, values }: CorpusQuery): Promise<string[]> {
  const text = sql.replace(/\$(\d+)/g, (_, place) => `'${values[Number(place) - 1]}'`);
  await client.query('RESET ROLE; BEGIN');
  try {
    await client.query(`CREATE TEMP VIEW probe AS ${text}`);
    const { rows } = await client.query(RECORDED);
    return rows.map(tableName);
  } catch {
    return [];
  } finally {
    await client.query('ROLLBACK; SET ROLE reader');
  }
}
