import type pg from 'pg';
import t from 'tap';
import { Catalogue } from '../../services/sources/postgres/dependencies/catalogue.js';
import { explainedTables } from '../../services/sources/postgres/dependencies/explained-tables.js';
import { namesIn } from '../../services/sources/postgres/dependencies/names-in.js';
import { parseSql } from '../../services/sources/postgres/dependencies/parser.js';
import { tableName } from '../../services/sources/postgres/dependencies/table-name.js';
import { readTables } from '../../services/sources/postgres/tables-read.js';
import { CorpusTrial } from './corpus-trial.js';
import { startCorpus } from './postgres/postgres-corpus.js';
import { type CorpusQuery, corpusTouches } from './read-corpus.js';

const touches = corpusTouches('postgres');
const { client, database, queries } = await startCorpus(t);
const trial = await CorpusTrial.begin({ queries, touches, database });

const tell = async ({ sql }: CorpusQuery) => readTables(client, { sql, tree: await parseSql(sql) });

t.test('every table whose change alters an answer is told, and few others', (t) =>
  trial.corpus(t, tell, { unknownMaxCount: 15 }),
);

t.test('nested at random, names shadowed by expressions, the same holds', (t) => trial.atRandom(t, tell));

t.test('neither the parser, nor the catalogue, nor a plan alone tells all', async (t) => {
  await trial.alone(t, 'the parser', ({ sql }) => parsedTables(client, sql));
  await trial.alone(t, 'the catalogue', (query) => recordedTables(client, query));
  await trial.alone(t, 'a plan', async ({ sql }) => {
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
