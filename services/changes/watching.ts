import type { Clock } from '../clock.js';
import { FeedConnection } from './feed-connection.js';
import type { DeclaredReaders } from './tags-of-changes.js';
import { quotedTable } from './watched-shape.js';
import type { WatchedSource } from './watched-source.js';

/** A view is what is behind it, and a partitioned table its partitions: what counts is where rows are stored. */
const LOOK = `
  WITH RECURSIVE watched AS (
    SELECT to_regclass(quoted)::oid AS oid FROM unnest($1::text[]) AS declared (quoted)
    UNION SELECT i.inhrelid FROM watched JOIN pg_inherits i ON i.inhparent = watched.oid
  )
  SELECT name, c.relkind NOT IN ('r', 'm', 'f') OR c.oid IN (SELECT oid FROM watched WHERE oid IS NOT NULL) AS is_heard
  FROM unnest($2::text[], $3::text[]) AS wanted (name, quoted) JOIN pg_class c ON c.oid = to_regclass(quoted)
  ORDER BY name`;

/** Of tables that exist in the database of a source. */
export interface Watching {
  /** Their changes are heard, or those of what is behind them. */
  readonly heard: readonly string[];
  readonly unheard: readonly string[];
}

/**
 * Which of these tables, named as CheckedStatement.tables names them, the feed of a source watches. Rejects when the database does
 * not answer.
 */
export async function watchingOf(
  source: WatchedSource,
  names: readonly string[],
  clock: Clock,
): Promise<Watching> {
  if (names.length === 0) return { heard: [], unheard: [] };
  const connection = await FeedConnection.open({ source: source.name, database: source.database, clock });
  try {
    const declared = [...source.changes.tables.keys()].map(quotedTable);
    const rows = await connection.query(LOOK, [declared, names, names.map(quotedTable)]);
    const namesOf = (isHeard: boolean) =>
      rows.filter(({ is_heard }) => is_heard === isHeard).map(({ name }) => String(name));
    return { heard: namesOf(true), unheard: namesOf(false) };
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

/** What to say of tables that are not watched; null where there are none. */
export function unwatchedWarning(
  { name, changes: { feed } }: WatchedSource,
  { unheard: tables }: Watching,
): string | null {
  if (tables.length === 0) return null;
  const then = feed === 'poll' ? '' : ' and run `dashcache changes install`';
  return (
    `Panels of ${name} read tables whose changes nobody hears: ${tables.join(', ')}. Only their ttl renews them: ` +
    `name the tables in \`changes.tables\` of the source${then}, or say \`ttl_only: true\` on the panels`
  );
}
