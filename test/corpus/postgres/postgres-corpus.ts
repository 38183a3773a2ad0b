import pg from 'pg';
import type { Test } from 'tap';
import { startPostgres } from '../../helpers/postgres-server.js';
import type { Touchable } from '../oracle.js';
import { type CorpusQuery, corpusQueries, corpusText } from '../read-corpus.js';

export interface PostgresCorpus {
  /** Asks as the role `reader`, whose rows are limited by policies. */
  readonly client: pg.Client;
  readonly database: Touchable;
  /** Those that this server knows: an older one lacks JSON_TABLE, for instance. */
  readonly queries: readonly CorpusQuery[];
}

/** A server with the corpus' schema. */
export async function startCorpus(t: Test): Promise<PostgresCorpus> {
  const server = await startPostgres();
  t.teardown(() => server.stop());
  await server.query(corpusText('postgres/schema.sql'));
  const client = new pg.Client({ connectionString: server.url });
  // The server may be stopped first.
  client.on('error', () => {});
  await client.connect();
  t.teardown(() => client.end());
  await client.query('SET ROLE reader');
  const queries: CorpusQuery[] = [];
  for (const query of corpusQueries('postgres')) {
    const { sql, values } = query;
    const error = await client.query(sql, [...values]).catch((reason) => reason);
    if (!(error instanceof Error)) queries.push(query);
  }
  return { client, database: touchable(client), queries };
}

function touchable(client: pg.Client): Touchable {
  return {
    async answers(queries) {
      const plain = queries.filter(({ values }) => values.length === 0);
      // All in one message; prepared ones would be quicker still, and would keep what immutable functions once said.
      const text = plain.map(({ sql }) => sql).join(';\n');
      const results: unknown = await client.query({ text, rowMode: 'array' });
      const rows = new Map(plain.map((query, index) => [query, (results as pg.QueryResult[])[index]?.rows]));
      for (const query of queries.filter(({ values }) => values.length > 0))
        rows.set(query, (await client.query(query.sql, [...query.values])).rows);
      return queries.map((query) => JSON.stringify(rows.get(query)));
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
