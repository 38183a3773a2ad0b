import { quoteIdentifier } from '../../sources/sql-quote.js';
import type { ShapePart } from '../watched-shape.js';

/** As SQL takes it. */
export function relationName({ schema, relation }: Pick<ShapePart, 'schema' | 'relation'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(relation)}`;
}
