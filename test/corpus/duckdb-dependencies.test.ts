import t from 'tap';
import { relationName } from '../../services/sources/duckdb/catalogue.js';
import { quoteText } from '../../services/sources/duckdb/quote.js';
import { referencesIn } from '../../services/sources/duckdb/syntax-walk.js';
import { tablesRead } from '../../services/sources/duckdb/tables-read.js';
import { replayOf, SeededRandom, testSeed } from '../helpers/seeded-random.js';
import { openCorpus } from './duckdb/duckdb-corpus.js';
import { truthOf } from './oracle.js';
import { randomQueries } from './random-queries.js';
import { type CorpusQuery, corpusQueries, corpusTouches } from './read-corpus.js';
import { score, scoreLine, type Told } from './score.js';

const queries = corpusQueries('duckdb');
const touches = corpusTouches('duckdb');
const inserts = touches.filter(({ sql }) => sql.startsWith('INSERT'));
const touchable = new Set(touches.map(({ table }) => table));
const { connection, catalogue, database } = await openCorpus(t);
const truth = await truthOf(database, queries, touches);

const withNulls = ({ sql }: CorpusQuery) => sql.replace(/\$\d+/g, 'NULL');

/** DASHCACHE_TEST_QUERIES has more of them tried. */
const RANDOM_COUNT = Number(process.env['DASHCACHE_TEST_QUERIES'] ?? 20);

t.test('every table whose change alters an answer is told, and few others', async (t) => {
  t.ok(queries.length >= 150);
  const told = new Map<CorpusQuery, Told>();
  for (const query of queries) {
    const texts = { sql: query.sql, sqlWithNulls: withNulls(query) };
    told.set(query, await tablesRead(connection, catalogue, texts));
  }
  const found = score(told, truth, touchable);
  t.comment(scoreLine(found));
  t.same(found.missed, []);
  t.ok(found.trueCount > queries.length);
  t.ok(found.rightCount / found.namedCount >= 0.9, found.needless.join('\n'));
  t.ok(found.verdicts.unknown <= 10, 'unknown is no way out');
});

t.test('nested at random, names shadowed by expressions, the same holds', async (t) => {
  const seed = testSeed();
  t.comment(replayOf(seed));
  const random = randomQueries(new SeededRandom(seed), RANDOM_COUNT);
  const told = new Map<CorpusQuery, Told>();
  for (const query of random)
    told.set(query, await tablesRead(connection, catalogue, { sql: query.sql, sqlWithNulls: query.sql }));
  const found = score(told, await truthOf(database, random, inserts), touchable);
  t.comment(`${found.heardCount} of ${found.trueCount} tables that change an answer are told`);
  t.same(found.missed, []);
  t.equal(found.verdicts.unknown, 0);
});

t.test('neither the parser nor the plan that DuckDB runs tells all alone', async (t) => {
  const alone = async (title: string, tablesOf: (query: CorpusQuery) => Promise<readonly string[]>) => {
    const told = new Map<CorpusQuery, Told>();
    for (const query of queries) told.set(query, { tables: await tablesOf(query), verdict: 'exact' });
    const found = score(told, truth, touchable);
    t.comment(`${title} alone: ${scoreLine(found)}`);
    t.ok(found.missed.length > 0, title);
  };
  const rowsOf = async (sql: string) => (await connection.run(sql)).getRows();
  await alone('the parser', async ({ sql }) => {
    const [[text] = []] = await rowsOf(`SELECT json_serialize_sql(${quoteText(sql)})`);
    const { tables } = referencesIn(JSON.parse(String(text)));
    return tables.map(({ schemaName, name }) =>
      relationName({ catalogName: '', schemaName: schemaName || 'main', name, viewSql: null }),
    );
  });
  // For as many parameters as there are, it has NULL.
  await alone('the plan', async (query) => {
    const plans = await rowsOf(`EXPLAIN (FORMAT json) ${withNulls(query)}`);
    const [, plan] = plans.find(([kind]) => kind === 'physical_plan') ?? [];
    return catalogue.relations
      .filter(({ catalogName, schemaName, name }) =>
        String(plan).includes(`${catalogName}.${schemaName}.${name}"`),
      )
      .map(relationName);
  });
});
