import t from 'tap';
import { relationName } from '../../services/sources/duckdb/catalogue.js';
import { parseSelects } from '../../services/sources/duckdb/syntax.js';
import { referencesIn } from '../../services/sources/duckdb/syntax-walk.js';
import { tablesRead } from '../../services/sources/duckdb/tables-read.js';
import { quoteLiteral } from '../../services/sources/sql-quote.js';
import { CorpusTrial } from './corpus-trial.js';
import { openCorpus } from './duckdb/duckdb-corpus.js';
import { type CorpusQuery, corpusQueries, corpusTouches } from './read-corpus.js';

const queries = corpusQueries('duckdb');
const touches = corpusTouches('duckdb');
const { connection, catalogue, database } = await openCorpus(t);
const trial = await CorpusTrial.begin({ queries, touches, database });

const withNulls = ({ sql }: CorpusQuery) => sql.replace(/\$\d+/g, 'NULL');

const tell = async (query: CorpusQuery) => {
  const syntax = await parseSelects(connection, query.sql);
  return tablesRead(connection, catalogue, { syntax, sqlWithNulls: withNulls(query) });
};

t.test('every table whose change alters an answer is told, and few others', (t) =>
  trial.corpus(t, tell, { unknownMaxCount: 10 }),
);

t.test('nested at random, names shadowed by expressions, the same holds', (t) => trial.atRandom(t, tell));

t.test('neither the parser nor the plan that DuckDB runs tells all alone', async (t) => {
  const rowsOf = async (sql: string) => (await connection.run(sql)).getRows();
  await trial.alone(t, 'the parser', async ({ sql }) => {
    const [[text] = []] = await rowsOf(`SELECT json_serialize_sql(${quoteLiteral(sql)})`);
    const { tables } = referencesIn(JSON.parse(String(text)));
    return tables.map(({ schemaName, name }) =>
      relationName({ catalogName: '', schemaName: schemaName || 'main', name, viewSql: null }),
    );
  });
  // For as many parameters as there are, it has NULL.
  await trial.alone(t, 'the plan', async (query) => {
    const plans = await rowsOf(`EXPLAIN (FORMAT json) ${withNulls(query)}`);
    const [, plan] = plans.find(([kind]) => kind === 'physical_plan') ?? [];
    return catalogue.relations
      .filter(({ catalogName, schemaName, name }) =>
        String(plan).includes(`${catalogName}.${schemaName}.${name}"`),
      )
      .map(relationName);
  });
});
