import { FeedConnection } from './feed-connection.js';
import type { FeedOptions } from './feed-options.js';
import { quotedTable } from './watched-shape.js';

/** A view is what is behind it, and a partitioned table its partitions: what counts is where rows are stored. */
const UNWATCHED = `
  WITH RECURSIVE watched AS (
    SELECT to_regclass(quoted)::oid AS oid FROM unnest($1::text[]) AS declared (quoted)
    UNION SELECT i.inhrelid FROM watched JOIN pg_inherits i ON i.inhparent = watched.oid
  )
  SELECT name FROM unnest($2::text[], $3::text[]) AS wanted (name, quoted) JOIN pg_class c ON c.oid = to_regclass(quoted)
  WHERE c.relkind IN ('r', 'm', 'f') AND c.oid NOT IN (SELECT oid FROM watched WHERE oid IS NOT NULL)
  ORDER BY name`;

/**
 * Of these tables, named as CheckedStatement.tables names them, those that exist in the database and whose changes its feed will not
 * tell. Rejects when the database does not answer.
 */
export async function unwatchedTables(
  options: Pick<FeedOptions, 'database' | 'source' | 'changes' | 'clock'>,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const connection = await FeedConnection.open(options);
  try {
    const declared = [...options.changes.tables.keys()].map(quotedTable);
    const rows = await connection.query(UNWATCHED, [declared, names, names.map(quotedTable)]);
    return rows.map(({ name }) => String(name));
  } finally {
    await connection.close();
  }
}
