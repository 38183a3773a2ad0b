import t, { type Test } from 'tap';
import { SeededRandom } from '../helpers/seeded-random.js';
import { duckdbTrial } from '../services/tenant-proof/duckdb-trial.js';
import { postgresTrial } from '../services/tenant-proof/postgres-trial.js';
import { type TrialDatabase, unproved } from '../services/tenant-proof/trial.js';
import { randomTenantQuery } from './support/random-tenant-queries.js';

const OWN = ['(7, 1)', '(7, 2)', '(7, 2)', '(7, NULL)'];
const OTHERS = ['(8, 1)', '(8, 2)', '(9, 3)', '(NULL, 1)', '(8, NULL)'];

interface Outcome {
  readonly sql: string;
  readonly isProved: boolean;
  readonly isChanged: boolean;
}

/** Each query with and without rows of other tenants; those that the database refuses are left out. */
async function outcomes(database: TrialDatabase, seed: number, count: number): Promise<Outcome[]> {
  for (const sql of ['CREATE TABLE a (site int, k int)', 'CREATE TABLE b (site int, k int)'])
    await database.run(sql);
  await database.run('CREATE TABLE d (k int)');
  await database.run('CREATE TABLE s (k int, site int)');
  await database.run('INSERT INTO s VALUES (1, 7), (2, 7), (3, 8), (4, NULL)');
  for (const table of ['a', 'b']) await database.run(`INSERT INTO ${table} VALUES ${OWN.join()}`);
  const random = new SeededRandom(seed);
  const queries: { sql: string; isProved: boolean; alone: string }[] = [];
  while (queries.length < count) {
    const sql = randomTenantQuery(random);
    const alone = await answer(database, sql);
    if (alone === null) continue;
    queries.push({ sql, isProved: (await unproved(database, sql)).length === 0, alone });
  }
  for (const table of ['a', 'b']) await database.run(`INSERT INTO ${table} VALUES ${OTHERS.join()}`);
  await database.run('INSERT INTO d VALUES (1), (2)');
  const all: Outcome[] = [];
  for (const { sql, isProved, alone } of queries)
    all.push({ sql, isProved, isChanged: (await answer(database, sql)) !== alone });
  return all;
}

/** The rows whatever their order; null where the database refuses the query. */
async function answer(database: TrialDatabase, sql: string): Promise<string | null> {
  try {
    return [...(await database.rows(sql.replace(/:t\b/g, 'CAST(7 AS bigint)')))].sort().join();
  } catch {
    return null;
  }
}

function holds(t: Test, all: readonly Outcome[]): void {
  const proved = all.filter(({ isProved }) => isProved);
  const changed = all.filter(({ isChanged }) => isChanged);
  t.comment(`${all.length} queries: ${proved.length} proved, ${changed.length} show others`);
  for (const { sql } of proved.filter(({ isChanged }) => isChanged))
    t.fail(`proved, and shows others: ${sql}`);
  t.ok(proved.length > all.length / 20, 'queries are proved');
  t.ok(changed.length > all.length / 10, 'queries show others');
  // The check that was made before: that a query binds the tenant.
  t.ok(
    changed.some(({ sql }) => sql.includes(':t')),
    'to bind the tenant is not enough',
  );
}

t.test('DuckDB: what is proved shows nothing of other tenants', async (t) => {
  holds(t, await outcomes(await duckdbTrial(t), 1, 2000));
});

t.test('PostgreSQL: what is proved shows nothing of other tenants', async (t) => {
  holds(t, await outcomes(await postgresTrial(t), 2, 300));
});
