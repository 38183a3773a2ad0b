import type { Client } from 'pg';
import type { BindType, Statement } from '../../definitions/model.js';
import { declaredType, refuseNul } from '../bind-of.js';
import { type CheckedStatement, StatementRejected } from '../source.js';
import { cellReader, type ReaderContext } from './cell-reader.js';
import { describeStatement } from './describe-statement.js';
import { rejectionOf } from './postgres-fault.js';
import { type PostgresText, postgresText } from './postgres-text.js';
import { readTables } from './tables-read.js';
import type { TypeShapes } from './type-shapes.js';

export interface StatementCheck {
  readonly statement: Statement;
  readonly types: ReadonlyMap<string, BindType>;
  readonly shapes: TypeShapes;
  readonly time: ReaderContext['time'];
}

/** What would change something, or lock it, inside of a SELECT. */
const WRITES = new Set([
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'IntoClause',
  'LockingClause',
]);

/**
 * Has the server parse and plan a statement without running it, inside a transaction. Rejects with StatementRejected when it
 * refuses it or it is not one SELECT.
 */
export async function checkStatement(
  client: Client,
  { statement, types, shapes, time }: StatementCheck,
): Promise<CheckedStatement> {
  refuseNul(statement);
  const text = postgresText(statement, (name) => declaredType(statement, types, name));
  const fields = await describeStatement(client, text.sql).catch((error: unknown) => {
    throw rejectionOf(error, text) ?? error;
  });
  if (fields === null || !(await isSelect(text))) {
    throw new StatementRejected('Only a SELECT can be a query here, and one that locks nothing.', 0);
  }
  await shapes.learn(
    client,
    fields.map(({ dataTypeID }) => dataTypeID),
  );
  const context = { shapeOf: shapes.shapeOf, time };
  const columns = fields.map(({ name, dataTypeID }) => ({
    name,
    type: cellReader(dataTypeID, context).type,
  }));
  return { columns, ...(await readTables(client, text.sql)) };
}

/** By PostgreSQL's own parser. What a newer server accepts and this one does not know is left to the read-only transaction. */
async function isSelect({ sql }: PostgresText): Promise<boolean> {
  const { parse } = await import('libpg-query');
  const parsed = await parse(sql).catch(() => null);
  if (parsed === null) return true;
  const [only, ...more] = parsed.stmts ?? [];
  return more.length === 0 && only?.stmt !== undefined && 'SelectStmt' in only.stmt && !writes(only.stmt);
}

function writes(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(writes);
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(
    ([key, child]) => WRITES.has(key) || key === 'intoClause' || writes(child),
  );
}
