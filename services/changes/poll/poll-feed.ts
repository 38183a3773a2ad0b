import type { ChangeFeed, TableChange } from '../change-feed.js';
import { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';
import { type FeedLife, HEARTBEAT_MS, HealingFeed } from '../healing-feed.js';
import { faultsOfTables } from '../install/faults-of-installation.js';
import { pause } from '../pause.js';
import { untilTaken } from '../until-taken.js';
import { type ShapeOfTable, watchedShape } from '../watched-shape.js';

/**
 * A session reports what it wrote when it next has nothing to do, most often within a second of its commit, ten seconds after the
 * last report at worst; only one that finds the counters locked again and again takes up to a minute.
 */
const COUNTERS_LAG_MS = 60_000;

/**
 * Hears by the counters that PostgreSQL keeps of each table, and by its files. Needs nothing installed, knows no tenants, and is
 * late as COUNTERS_LAG_MS says. Each process asks for itself.
 */
export function openPollFeed(options: FeedOptions): ChangeFeed {
  return new HealingFeed(options, (life) => live(options, life), COUNTERS_LAG_MS);
}

async function live(options: FeedOptions, life: FeedLife): Promise<void> {
  const connection = await FeedConnection.open(options);
  try {
    await checkServer(connection);
    await Promise.race([poll(options, connection, life), connection.lost]);
  } finally {
    await connection.close();
  }
}

async function poll(options: FeedOptions, connection: FeedConnection, life: FeedLife): Promise<void> {
  const { clock, listener, heartbeatMs = HEARTBEAT_MS } = options;
  const { signal } = life;
  const tell = (telling: () => Promise<void>) =>
    untilTaken(telling, { clock, signal, withinMs: Number.POSITIVE_INFINITY });
  let before = await watchedShape(connection, options);
  await tell(() => listener.gap('nobody has looked at the counters before'));
  while (!signal.aborted) {
    const atMs = clock.monotonicMs();
    const shape = await watchedShape(connection, options);
    const faults = faultsOfTables(shape);
    if (faults.length > 0) throw new Error(faults.join('; '));
    const changes = changedTables(before, shape);
    if (changes.length > 0) await tell(() => listener.changed(changes));
    before = shape;
    life.well(null);
    life.completeTo(atMs - COUNTERS_LAG_MS);
    await pause(heartbeatMs, { clock, signal });
  }
}

/** Counters that have moved, also backwards: they begin anew after a crash. */
function changedTables(before: readonly ShapeOfTable[], now: readonly ShapeOfTable[]): TableChange[] {
  const known = new Map(before.map((table) => [table.declared, marksOf(table)]));
  return now
    .filter((table) => known.get(table.declared) !== marksOf(table))
    .map(({ declared, root }) => ({ table: root?.name ?? declared, tenants: null }));
}

function marksOf({ parts }: ShapeOfTable): string {
  return JSON.stringify(parts.map(({ oid, file, writesCount }) => [oid, file, writesCount]));
}

async function checkServer(connection: FeedConnection): Promise<void> {
  const [row] = await connection.query(
    "SELECT current_setting('track_counts') AS counts, pg_is_in_recovery() AS is_standby",
  );
  if (row?.['counts'] !== 'on') throw new Error('track_counts is off, so there are no counters to poll');
  if (row['is_standby'] === true) throw new Error('a standby counts no writes: poll its primary');
}
