import { DuckDBInstance } from '@duckdb/node-api';
import { readCatalogue } from '../../../services/sources/duckdb/catalogue.js';
import { checkStatement } from '../../../services/sources/duckdb/check-statement.js';
import { naiveTime } from '../../../services/sources/naive-time.js';
import type { Lifetime } from '../../helpers/lifetime.js';
import type { TrialDatabase } from './trial.js';

/** DuckDB in memory: a source opens its files read-only, and nothing could be written. */
export async function duckdbTrial(life: Lifetime): Promise<TrialDatabase> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  life.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const searchPath = [{ catalogName: 'memory', schemaName: 'main' }];
  let catalogue = await readCatalogue(connection, searchPath);
  return {
    async run(sql) {
      await connection.run(sql);
      catalogue = await readCatalogue(connection, searchPath);
    },
    rows: async (sql) => (await (await connection.run(sql)).getRowsJson()).map((row) => JSON.stringify(row)),
    check: (statement, types) =>
      checkStatement(connection, { statement, types, catalogue, time: naiveTime('UTC') }),
  };
}
