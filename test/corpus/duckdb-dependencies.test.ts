import t from 'tap';
import { tablesRead } from '../../services/sources/duckdb/tables-read.js';
import { openCorpus } from './duckdb/duckdb-corpus.js';
import { truthOf } from './oracle.js';
import { type CorpusQuery, corpusQueries, corpusTouches } from './read-corpus.js';
import { score, scoreLine, type Told } from './score.js';

const queries = corpusQueries('duckdb');
const touches = corpusTouches('duckdb');

t.test('every table whose change alters an answer is told, and few others', async (t) => {
  const { connection, catalogue, database } = await openCorpus(t);
  t.ok(queries.length >= 150);
  const told = new Map<CorpusQuery, Told>();
  for (const query of queries) {
    const sqlWithNulls = query.sql.replace(/\$\d+/g, 'NULL');
    told.set(query, await tablesRead(connection, catalogue, { sql: query.sql, sqlWithNulls }));
  }
  const truth = await truthOf(database, queries, touches);
  const found = score(told, truth, new Set(touches.map(({ table }) => table)));
  t.comment(scoreLine(found));
  t.same(found.missed, []);
  t.comment(found.needless.join('\n'));
  t.ok(found.rightCount / found.namedCount >= 0.9);
  if (process.env['SHOW'])
    for (const [q, told_] of told)
      if (told_.verdict !== 'exact') t.comment(`${told_.verdict} ${told_.tables.join(',')} | ${q.sql}`);
});
