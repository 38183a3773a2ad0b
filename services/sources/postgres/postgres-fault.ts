import pg from 'pg';
import { DashcacheError } from '../../../errors.js';
import { StatementRejected } from '../source.js';
import type { PostgresText } from './postgres-text.js';

/** Classes and codes of SQLSTATE (appendix A of PostgreSQL's manual) that are about the server and not about the query. */
const DOWN = /^(08|28|57P|58|F0)|^(3D000|53300|53400)$/;
const BUSY = /^(53|40)|^55P03$/;
const QUERY_CANCELED = '57014';
/** The statement itself is refused, whatever the values: syntax, names, types, literals, what is not supported. */
const REFUSED = /^(42|0A|3F|22|2[016]|34)/;

/** SQLSTATE of an error of the server; null for others, which are about the way to it. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null;
}

/** A failed query for readers. What PostgreSQL wrote may hold SQL, hosts and data, so it is only the cause. */
export function postgresError(error: unknown, { isLate }: { isLate: boolean }): DashcacheError {
  if (error instanceof DashcacheError) return error;
  const code = sqlState(error);
  // By statement_timeout at its time, before it by somebody who wants it gone.
  if (code === QUERY_CANCELED && isLate) return new DashcacheError('source_deadline', { cause: error });
  if (code === QUERY_CANCELED) return overloaded('The data source has ended the query of this panel.', error);
  if (code === null || DOWN.test(code)) return down(code, error);
  if (BUSY.test(code)) return overloaded('The data source has too much to do for this query.', error);
  const detail = code.startsWith('42')
    ? 'The data source refuses the query of this panel. The log says why.'
    : 'The query of this panel failed in the data source. The log says why.';
  return new DashcacheError('source_wrong_answer', { detail, cause: error });
}

/** Why a statement is not accepted, with its place; null when the server has said nothing about the statement. */
export function rejectionOf(error: unknown, text: PostgresText): StatementRejected | null {
  const code = sqlState(error);
  if (!(error instanceof pg.DatabaseError) || code === null || !REFUSED.test(code)) return null;
  const { message, detail, hint, position } = error;
  const more = [detail, hint].filter((line) => line !== undefined);
  const offset = position === undefined ? null : text.offsetOf(unitsOf(text.sql, Number(position) - 1));
  return new StatementRejected([message, ...more].join('\n'), offset);
}

function down(code: string | null, cause: unknown): DashcacheError {
  const detail =
    code === '53300' ? 'The data source accepts no more connections.' : 'The data source cannot be reached.';
  return new DashcacheError('source_down', { detail, retryAfterSeconds: 5, cause });
}

function overloaded(detail: string, cause: unknown): DashcacheError {
  return new DashcacheError('source_overloaded', { detail, retryAfterSeconds: 5, cause });
}

/** PostgreSQL counts characters of Unicode. */
function unitsOf(sql: string, charactersCount: number): number {
  return [...sql].slice(0, charactersCount).join('').length;
}
