import { DashcacheError } from '../../errors.js';
import type { QueryLimits } from './source.js';

/** A query of a database that gives more rows than its panel allows. */
export function tooManyRows({ maxRowsCount }: Pick<QueryLimits, 'maxRowsCount'>): DashcacheError {
  return new DashcacheError('source_wrong_answer', {
    detail: `The query gives more than ${maxRowsCount} rows, the limit set by max_rows. Aggregate it, or raise max_rows.`,
  });
}

/** A query of a database that gives more bytes than its panel allows. */
export function tooManyBytes({ maxBytes }: Pick<QueryLimits, 'maxBytes'>): DashcacheError {
  return new DashcacheError('source_wrong_answer', {
    detail: `The query gives more than ${maxBytes} bytes, the limit set by max_bytes. Aggregate it, or raise max_bytes.`,
  });
}
