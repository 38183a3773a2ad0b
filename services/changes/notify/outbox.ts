import type { TableChange } from '../change-feed.js';
import type { FeedConnection, FeedRow } from '../feed-connection.js';

/** What has become visible since a snapshot. */
export interface News {
  /** What was visible when this was read. */
  readonly snapshot: string;
  readonly changes: readonly TableChange[];
}

/**
 * Numbers are not given in the order of commits: "everything beyond the last number" loses whoever took a lower one and commits
 * later. What counts is what one snapshot sees and the one before did not, so nothing is lost and nobody is waited for.
 */
const NEWS = `
  WITH news AS (
    SELECT id, relation, tenants FROM dashcache.changes
    WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)
  ), by_relation AS (
    SELECT relation, min(id) AS first, CASE WHEN bool_or(tenants IS NULL) THEN NULL ELSE
      (SELECT array_agg(DISTINCT tenant) FROM news n, unnest(n.tenants) AS tenant WHERE n.relation = news.relation) END AS tenants
    FROM news GROUP BY relation
  )
  SELECT pg_current_snapshot()::text AS snapshot, relation, tenants
  FROM (SELECT) AS always LEFT JOIN by_relation ON true ORDER BY first`;

/** A reader's own line expires with its outbox after ten minutes; half of that is left for those who look at it just then. */
const PLACE = `
  SELECT snapshot::text FROM dashcache.readers
  WHERE reader = $1 AND told_at > clock_timestamp() - interval '5 minutes'`;

/** The outbox that the triggers write, as one reader sees it. */
export class Outbox {
  readonly #connection: FeedConnection;
  readonly #reader: string;

  constructor(connection: FeedConnection, reader: string) {
    this.#connection = connection;
    this.#reader = reader;
  }

  /** Up to where this reader, or who read for the group before, has told everything; null: nobody knows. */
  async place(): Promise<string | null> {
    const [row] = await this.#connection.query(PLACE, [this.#reader]);
    return row ? String(row['snapshot']) : null;
  }

  /** From now on nothing is thrown away that it has not seen. Gives the place at which a reader begins who knows nothing. */
  async enter(): Promise<string> {
    await this.#connection.query(
      `INSERT INTO dashcache.readers (reader, snapshot) VALUES ($1, pg_current_snapshot())
       ON CONFLICT (reader) DO UPDATE SET snapshot = excluded.snapshot, told_at = clock_timestamp()`,
      [this.#reader],
    );
    // Taken after the line is there for everybody: what was thrown away without regard to it is older.
    const [row] = await this.#connection.query('SELECT pg_current_snapshot()::text AS snapshot');
    return String(row?.['snapshot']);
  }

  async newsSince(snapshot: string): Promise<News> {
    const rows = await this.#connection.query(NEWS, [snapshot]);
    return { snapshot: String(rows[0]?.['snapshot']), changes: rows.flatMap(changeOf) };
  }

  /** Everything that the snapshot sees has been told. False: the line is gone, and with it perhaps changes. */
  async moveTo(snapshot: string): Promise<boolean> {
    const rows = await this.#connection.query(
      'UPDATE dashcache.readers SET snapshot = $2::pg_snapshot, told_at = clock_timestamp() WHERE reader = $1 RETURNING 1',
      [this.#reader, snapshot],
    );
    return rows.length > 0;
  }

  async trim(): Promise<void> {
    await this.#connection.query('SELECT dashcache.trim()');
  }

  /** Nobody will go on from there. */
  async leave(): Promise<void> {
    await this.#connection.query('DELETE FROM dashcache.readers WHERE reader = $1', [this.#reader]);
  }

  /** How far transactions are numbered, and had been when the holder last wrote down its place. */
  async progress(): Promise<{ now: string; told: string | null }> {
    const [row] = await this.#connection.query(
      `SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS now,
         (SELECT pg_snapshot_xmax(snapshot)::text FROM dashcache.readers WHERE reader = $1) AS told`,
      [this.#reader],
    );
    return { now: String(row?.['now']), told: (row?.['told'] as string | null | undefined) ?? null };
  }
}

function changeOf(row: FeedRow): TableChange[] {
  const { relation, tenants } = row as { relation: string | null; tenants: readonly string[] | null };
  return relation === null ? [] : [{ table: relation, tenants }];
}
