import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { Test } from 'tap';
import { type Catalogue, readCatalogue } from '../../../services/sources/duckdb/catalogue.js';
import { EXPLAIN_UNIMPROVED } from '../../../services/sources/duckdb/explained-tables.js';
import type { Touchable } from '../oracle.js';
import { corpusText } from '../read-corpus.js';

export interface DuckdbCorpus {
  readonly connection: DuckDBConnection;
  readonly catalogue: Catalogue;
  readonly database: Touchable;
}

/** A database in memory with the corpus' schema: a source opens its files read-only, and nothing could be touched. */
export async function openCorpus(t: Test): Promise<DuckdbCorpus> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  t.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  await connection.run(corpusText('duckdb/schema.sql'));
  await connection.run(EXPLAIN_UNIMPROVED);
  const searchPath = [{ catalogName: 'memory', schemaName: 'main' }];
  return {
    connection,
    catalogue: await readCatalogue(connection, searchPath),
    database: touchable(connection),
  };
}

function touchable(connection: DuckDBConnection): Touchable {
  return {
    async answers(queries) {
      const answers: string[] = [];
      for (const { sql, values } of queries) {
        const result = await connection.run(sql, [...values] as DuckDBValue[]);
        answers.push(JSON.stringify(await result.getRowsJson()));
      }
      return answers;
    },
    async touched({ sql }, action) {
      await connection.run('BEGIN');
      try {
        await connection.run(sql);
        return await action();
      } finally {
        await connection.run('ROLLBACK');
      }
    },
  };
}
