import type { Client } from 'pg';
import type { BindType, Statement } from '../../definitions/model.js';
import { declaredType, refuseNul } from '../bind-of.js';
import { bindOperand, type QueryShape, UNTOLD, unknownShape } from '../query-shape.js';
import { type CheckedStatement, StatementRejected } from '../source.js';
import { cellReader, type ReaderContext } from './cell-reader.js';
import { parseSql } from './dependencies/parser.js';
import { isSyntax, listOf } from './dependencies/syntax.js';
import { describeStatement } from './describe-statement.js';
import { rejectionOf } from './postgres-fault.js';
import { postgresShape } from './postgres-shape.js';
import { postgresText } from './postgres-text.js';
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
  const tree = await parseSql(text.sql);
  // What a newer server accepts and this parser does not know is left to the read-only transaction.
  if (fields === null || (tree !== null && !isSelect(tree))) {
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
  const { readsInRoutine, ...read } = await readTables(client, { sql: text.sql, tree });
  return { columns, ...read, shape: shapeOf() };

  function shapeOf(): QueryShape {
    if (read.verdict === 'unknown') return UNTOLD;
    if (readsInRoutine) return unknownShape('a function that reads a table');
    const bytes = Buffer.from(text.sql);
    return postgresShape(tree, {
      bindAt: (number) => bindOperand(text.names[number - 1], (name) => declaredType(statement, types, name)),
      offsetOf: (byteOffset) => text.offsetOf(bytes.subarray(0, byteOffset).toString().length),
    });
  }
}

/** By PostgreSQL's own parser. */
function isSelect(tree: unknown): boolean {
  const [only, ...more] = isSyntax(tree) ? listOf(tree['stmts']) : [];
  const statement = isSyntax(only) ? only['stmt'] : null;
  return more.length === 0 && isSyntax(statement) && 'SelectStmt' in statement && !writes(statement);
}

function writes(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(writes);
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node).some(
    ([key, child]) => WRITES.has(key) || key === 'intoClause' || writes(child),
  );
}
