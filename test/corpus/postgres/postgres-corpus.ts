import pg from 'pg';
import type { Test } from 'tap';
import { startPostgres } from '../../helpers/postgres-server.js';
import type { Touchable } from '../oracle.js';
import { corpusText } from '../read-corpus.js';

/** A server with the corpus' schema; `client` asks as the role `reader`, whose rows are limited by policies. */
export async function startCorpus(
  t: Test,
): Promise<{ readonly client: pg.Client; readonly database: Touchable }> {
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await server.query(corpusText('postgres/schema.sql'));
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  t.teardown(() => client.end());
  await client.query('SET ROLE reader');
  return { client, database: touchable(client) };
}

function touchable(client: pg.Client): Touchable {
  return {
    async answers(queries) {
      const answers: string[] = [];
      for (const [index, { sql, values }] of queries.entries()) {
        const name = `corpus_${index}`;
        const { rows } = await client.query({ name, text: sql, values: [...values], rowMode: 'array' });
        answers.push(JSON.stringify(rows));
      }
      return answers;
    },
    async touched({ sql }, action) {
      await client.query('RESET ROLE; BEGIN');
      try {
        await client.query(sql);
        await client.query('SET LOCAL ROLE reader');
        return await action();
      } finally {
        await client.query('ROLLBACK; SET ROLE reader');
      }
    },
  };
}
