import { DuckDBInstance } from '@duckdb/node-api';
import t from 'tap';
import { parseSelects } from '../../../../services/sources/duckdb/syntax.js';
import { referencesIn } from '../../../../services/sources/duckdb/syntax-walk.js';

t.test('the first arm of a recursive query reads the table of its name, the others the query', async (t) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  t.teardown(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const tablesOf = async (sql: string) =>
    referencesIn(await parseSelects(connection, sql)).tables.map(({ name }) => name);
  const recursive = (first: string, then: string) =>
    `WITH RECURSIVE tree AS (SELECT id FROM ${first} UNION ALL SELECT id FROM ${then}) SELECT * FROM tree`;
  t.same(await tablesOf(recursive('tree', 'tree')), ['tree']);
  t.same(await tablesOf(recursive('roots', 'tree')), ['roots']);
  t.same(await tablesOf(recursive('tree', 'roots, tree')), ['tree', 'roots']);
});
