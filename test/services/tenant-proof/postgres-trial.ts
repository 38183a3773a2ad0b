import type { Test } from 'tap';
import { startPostgres } from '../../helpers/postgres-server.js';
import { openForTest } from '../sources/postgres/postgres-fixture.js';
import type { TrialDatabase } from './trial.js';

/** A real server, and a source that asks it. */
export async function postgresTrial(t: Test): Promise<TrialDatabase> {
  const server = await startPostgres();
  t.after(() => server.stop());
  const { source } = openForTest(t, server.url);
  return {
    run: (sql) => server.query(sql),
    rows: async (sql) => (await server.query(sql)).rows.map((row) => JSON.stringify(row)),
    check: (statement, types) => source.check(statement, types),
  };
}
