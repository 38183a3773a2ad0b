import t from 'tap';
import { readTables } from '../../services/sources/postgres/tables-read.js';
import { truthOf } from './oracle.js';
import { startCorpus } from './postgres/postgres-corpus.js';
import { type CorpusQuery, corpusQueries, corpusTouches } from './read-corpus.js';
import { score, scoreLine, type Told } from './score.js';

t.test('every table whose change alters an answer is told, and few others', async (t) => {
  const { client, database } = await startCorpus(t);
  const queries = corpusQueries('postgres');
  const touches = corpusTouches('postgres');
  t.ok(queries.length >= 150);
  const told = new Map<CorpusQuery, Told>();
  for (const query of queries) told.set(query, await readTables(client, query.sql));
  const truth = await truthOf(database, queries, touches);
  const found = score(told, truth, new Set(touches.map(({ table }) => table)));
  t.comment(scoreLine(found));
  t.same(found.missed, []);
  t.comment(found.needless.join('\n'));
  t.ok(found.rightCount / found.namedCount >= 0.9);
  if (process.env['SHOW'])
    for (const [q, told_] of told) t.comment(`${told_.verdict} ${told_.tables.join(',')} | ${q.sql}`);
});
