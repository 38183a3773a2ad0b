import type { Test } from 'tap';
import type { BindType, Statement } from '../../../services/definitions/model.js';
import { parseStatement } from '../../../services/definitions/statement.js';
import type { CheckedStatement } from '../../../services/sources/source.js';
import { proveRestricted, type Unproved } from '../../../services/tenant-proof/prove-restricted.js';

/** A database that takes rows, and the check of its source. */
export interface TrialDatabase {
  run(sql: string): Promise<unknown>;
  /** The rows of a query, each as JSON. */
  rows(sql: string): Promise<readonly string[]>;
  check(statement: Statement, types: ReadonlyMap<string, BindType>): Promise<CheckedStatement>;
}

const TENANT = { tenant: 't', sharedTables: new Set(['s']) };
const ROWS = ['(1, 1)', '(1, 2)', '(1, 3)'];
const OTHERS = ['(2, 1)', '(2, 2)', '(2, 4)', '(3, 1)'];

export async function createTables({ run }: Pick<TrialDatabase, 'run'>): Promise<void> {
  await run('CREATE TABLE a (site int, k int)');
  await run('CREATE TABLE b (site int, k int)');
  // `site` of a query around it is meant where this one has none.
  await run('CREATE TABLE d (k int)');
  await run('CREATE TABLE s (k int, site int DEFAULT 1)');
  await run('INSERT INTO s (k) VALUES (1), (2), (3), (4)');
}

export async function unproved(database: TrialDatabase, sql: string): Promise<readonly Unproved[]> {
  const { shape } = await database.check(parseStatement(sql), new Map([['t', 'integer']]));
  if (!shape) throw new Error('The check gave no shape');
  return proveRestricted(shape, TENANT);
}

/** Rows of other tenants change no answer of a query that is proved, and that of every leak, none of which is. */
export async function differential(
  t: Test,
  database: TrialDatabase,
  { proved, leaks }: { readonly proved: readonly string[]; readonly leaks: readonly string[] },
): Promise<void> {
  const results = async (): Promise<Map<string, string>> => {
    const all = new Map<string, string>();
    for (const sql of [...proved, ...leaks]) {
      const rows = await database.rows(sql.replace(/:t\b/g, 'CAST(1 AS bigint)'));
      all.set(sql, JSON.stringify([...rows].sort()));
    }
    return all;
  };
  for (const table of ['a', 'b']) await database.run(`INSERT INTO ${table} VALUES ${ROWS.join()}`);
  const alone = await results();
  for (const table of ['a', 'b']) await database.run(`INSERT INTO ${table} VALUES ${OTHERS.join()}`);
  await database.run('INSERT INTO d VALUES (1)');
  const together = await results();
  for (const sql of proved) {
    t.same(await unproved(database, sql), [], `proved: ${sql}`);
    t.equal(together.get(sql), alone.get(sql), `shows nothing of others: ${sql}`);
  }
  for (const sql of leaks) {
    t.not((await unproved(database, sql)).length, 0, `not proved: ${sql}`);
    t.not(together.get(sql), alone.get(sql), `shows something of others: ${sql}`);
  }
}
