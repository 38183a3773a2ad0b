import { randomBytes } from 'node:crypto';
import type { ChangeFeed } from '../change-feed.js';
import { elected, groupIdOf } from '../election.js';
import { FeedConnection } from '../feed-connection.js';
import type { FeedOptions } from '../feed-options.js';
import { type FeedLife, HealingFeed } from '../healing-feed.js';
import { faultsOfPublication } from '../install/faults-of-installation.js';
import { publicationOf, watchedShape } from '../watched-shape.js';
import { LogicalSession } from './logical-session.js';
import { ReplicationStream } from './replication-stream.js';

/**
 * Hears by logical replication (pgoutput): one process of the group holds a TEMPORARY slot; its loss is a gap. Needs wal_level =
 * logical, the right to replicate, and the publication of `dashcache changes install`.
 */
export function openLogicalFeed(options: FeedOptions): ChangeFeed {
  return new HealingFeed(options, (life) => live(options, life));
}

async function live(options: FeedOptions, life: FeedLife): Promise<void> {
  const connection = await FeedConnection.open(options);
  try {
    const groupId = groupIdOf(options);
    const progress = () => progressOf(connection, slotPrefix(groupId));
    if (!(await elected(options, { connection, groupId, life, progress }))) return;
    await checkPublication(connection, options);
    await hear(options, {
      connection,
      life,
      slot: `${slotPrefix(groupId)}${randomBytes(4).toString('hex')}`,
    });
  } finally {
    await connection.close();
  }
}

async function hear(
  options: FeedOptions,
  { connection, life, slot }: { connection: FeedConnection; life: FeedLife; slot: string },
): Promise<void> {
  const stream = await ReplicationStream.open(options);
  // What is asked beside the stream ends with it.
  const end = new AbortController();
  const signal = AbortSignal.any([life.signal, end.signal]);
  try {
    life.ill('waits for the transactions that are writing now, as a new replication slot must');
    const closed = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    const lost = Promise.race([connection.lost, stream.lost, closed]);
    await Promise.race([stream.createSlot(slot), lost]);
    if (signal.aborted) return;
    const session = new LogicalSession(options, { connection, stream, life, signal });
    await Promise.race([session.hear(slot, publicationOf(options.source)), lost]);
  } finally {
    end.abort();
    await stream.close();
  }
}

/** Before anything of the log is held. */
async function checkPublication(connection: FeedConnection, options: FeedOptions): Promise<void> {
  const faults = faultsOfPublication(await watchedShape(connection, options));
  if (faults.length > 0) throw new Error(faults.join('; '));
}

/** A slot's name says whose it is, so that those who stand by find it. */
function slotPrefix(groupId: string | null): string {
  return `dashcache_${groupId ?? 'alone'}_`;
}

/** The position in the log, and how far the holder has confirmed it: it confirms what it has told. */
async function progressOf(
  connection: FeedConnection,
  prefix: string,
): Promise<{ now: string; told: string | null }> {
  const [row] = await connection.query(
    `SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS now, (
       SELECT max(confirmed_flush_lsn) - '0/0' FROM pg_replication_slots WHERE starts_with(slot_name, $1) AND temporary
     )::text AS told`,
    [prefix],
  );
  return { now: String(row?.['now']), told: (row?.['told'] as string | null | undefined) ?? null };
}
