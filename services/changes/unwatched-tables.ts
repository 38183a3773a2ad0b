import type { Clock } from '../clock.js';
import { FeedConnection } from './feed-connection.js';
import type { DeclaredReaders } from './tags-of-changes.js';
import { quotedTable } from './watched-shape.js';
import type { WatchedSource } from './watched-source.js';

/** A view is what is behind it, and a partitioned table its partitions: what counts is where rows are stored. */
const UNWATCHED = `
  WITH RECURSIVE watched AS (
    SELECT to_regclass(quoted)::oid AS oid FROM unnest($1::text[]) AS declared (quoted)
    UNION SELECT i.inhrelid FROM watched JOIN pg_inherits i ON i.inhparent = watched.oid
  )
  SELECT name FROM unnest($2::text[], $3::text[]) AS wanted (name, quoted) JOIN pg_class c ON c.oid = to_regclass(quoted)
  WHERE c.relkind IN ('r', 'm', 'f') AND c.oid NOT IN (SELECT oid FROM watched WHERE oid IS NOT NULL)
  ORDER BY name`;

/** Tables whose changes nobody hears, and what to say of them. */
export interface Unwatched {
  readonly tables: readonly string[];
  readonly warning: string;
}

/**
 * Which of these tables, named as CheckedStatement.tables names them, exist in the source's database and are not watched by its
 * feed; null: none. Rejects when the database does not answer.
 */
export async function unwatchedTables(
  source: WatchedSource,
  names: readonly string[],
  clock: Clock,
): Promise<Unwatched | null> {
  if (names.length === 0) return null;
  const connection = await FeedConnection.open({ source: source.name, database: source.database, clock });
  try {
    const declared = [...source.changes.tables.keys()].map(quotedTable);
    const rows = await connection.query(UNWATCHED, [declared, names, names.map(quotedTable)]);
    const tables = rows.map(({ name }) => String(name));
    return tables.length === 0 ? null : { tables, warning: warningOf(source, tables) };
  } finally {
    await connection.close();
  }
}

/** What is read from a source; of panels that say that only their ttl renews them nothing else is expected. */
export function tablesReadFrom(
  source: string,
  { dashboards, tablesOf }: Pick<DeclaredReaders, 'dashboards' | 'tablesOf'>,
): string[] {
  const panels = [...dashboards].flatMap((dashboard) => [...dashboard.panels.values()]);
  const readers = panels.filter(({ sourceName, ttlOnly }) => sourceName === source && !ttlOnly);
  return [...new Set(readers.flatMap(tablesOf))].sort();
}

function warningOf({ name, changes: { feed } }: WatchedSource, tables: readonly string[]): string {
  const then = feed === 'poll' ? '' : ' and run `dashcache changes install`';
  return (
    `Panels of ${name} read tables whose changes nobody hears: ${tables.join(', ')}. Only their ttl renews them: ` +
    `name the tables in \`changes.tables\` of the source${then}, or say \`ttl_only: true\` on the panels`
  );
}
