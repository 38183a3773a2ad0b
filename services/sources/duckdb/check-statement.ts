import { type DuckDBConnection, DuckDBTypeId, StatementType } from '@duckdb/node-api';
import { DashcacheError } from '../../../errors.js';
import type { BindType, Statement } from '../../definitions/model.js';
import { declaredType, refuseNul } from '../bind-of.js';
import type { NaiveTime } from '../naive-time.js';
import { bindOperand, type QueryShape, UNTOLD, unknownShape } from '../query-shape.js';
import { type CheckedStatement, type Column, StatementRejected } from '../source.js';
import type { Catalogue } from './catalogue.js';
import { cellReader } from './cell-reader.js';
import { duckdbFault, isOutage } from './duckdb-fault.js';
import { duckdbShape } from './duckdb-shape.js';
import { type DuckdbText, duckdbText, duckdbTextWithNulls } from './statement-text.js';
import { parseSelects } from './syntax.js';
import { tablesRead } from './tables-read.js';

export interface StatementCheck {
  readonly statement: Statement;
  readonly types: ReadonlyMap<string, BindType>;
  readonly catalogue: Catalogue;
  readonly time: NaiveTime;
}

/**
 * Prepares a statement without running it. Rejects with StatementRejected when DuckDB refuses it or it is not one SELECT.
 * `columns` is empty where DuckDB knows them only with the values (a parameter inside a table function, for instance).
 */
export async function checkStatement(
  connection: DuckDBConnection,
  check: StatementCheck,
): Promise<CheckedStatement> {
  const { statement, types, catalogue } = check;
  refuseNul(statement);
  const typeOf = (name: string) => declaredType(statement, types, name);
  const text = duckdbText(statement, typeOf);
  const withNulls = duckdbTextWithNulls(statement, typeOf);
  const columns =
    (await columnsOf(connection, text, check.time)) ??
    (await columnsOf(connection, withNulls, check.time).catch(() => null)) ??
    [];
  const syntax = await parseSelects(connection, text.sql);
  const { readsInMacro, ...read } = await tablesRead(connection, catalogue, {
    syntax,
    sqlWithNulls: withNulls.sql,
  });
  return { columns, ...read, shape: shapeOf() };

  function shapeOf(): QueryShape {
    if (read.verdict === 'unknown') return UNTOLD;
    if (readsInMacro) return unknownShape('a macro that reads a table');
    const bindAt = (number: number) => bindOperand(text.names[number - 1], typeOf);
    return duckdbShape(syntax, { bindAt, offsetOf: text.offsetOf });
  }
}

/** Column names and types; null while they depend on values. */
async function columnsOf(
  connection: DuckDBConnection,
  text: DuckdbText,
  time: NaiveTime,
): Promise<Column[] | null> {
  const prepared = await connection.prepare(text.sql).catch((error: unknown) => {
    throw rejection(error, text);
  });
  try {
    if (prepared.statementType !== StatementType.SELECT) {
      throw new StatementRejected('Only a SELECT can be a query here.', 0);
    }
    const indexes = Array.from({ length: prepared.columnCount }, (_empty, index) => index);
    if (indexes.some((index) => prepared.columnTypeId(index) === DuckDBTypeId.INVALID)) return null;
    return indexes.map((index) => ({
      name: prepared.columnName(index),
      type: readable(() => cellReader(prepared.columnType(index), time).type),
    }));
  } finally {
    prepared.destroySync();
  }
}

/** A type that can never be shown is refused now, not at the first read. */
function readable<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof DashcacheError ? new StatementRejected(error.message, null) : error;
  }
}

function rejection(error: unknown, text: DuckdbText): unknown {
  const fault = duckdbFault(error);
  if (isOutage(fault)) return error;
  const offset = fault.byteOffset === null ? null : text.offsetOf(fault.byteOffset);
  return new StatementRejected(fault.message, offset);
}
