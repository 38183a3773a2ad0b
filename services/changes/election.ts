import { createHash } from 'node:crypto';
import type { FeedConnection } from './feed-connection.js';
import type { FeedOptions } from './feed-options.js';
import type { FeedLife } from './healing-feed.js';
import { pause } from './pause.js';

const RETRY_MS = 500;

/** Of a group and a source; equal in all processes of the group. */
export function groupIdOf({ group, source }: Pick<FeedOptions, 'group' | 'source'>): string | null {
  if (group === null) return null;
  return createHash('sha256')
    .update(JSON.stringify([group, source]))
    .digest('hex')
    .slice(0, 16);
}

/** How far the present is and how far the holder has told all, in one growing measure of the database, as decimal texts. */
export type Progress = (connection: FeedConnection) => Promise<{ now: string; told: string | null }>;

/**
 * Resolves once this process is the holder; until then it stands by, and learns from the database itself how far the holder has
 * told everything. False: the feed was closed meanwhile.
 */
export async function elected(
  { clock }: Pick<FeedOptions, 'clock'>,
  { connection, groupId, life, progress }: Candidate,
): Promise<boolean> {
  if (groupId === null) return true;
  const lock = BigInt.asIntN(64, BigInt(`0x${groupId}`)).toString();
  let asked: { now: bigint; atMs: number } | null = null;
  while (!life.signal.aborted) {
    const [row] = await connection.query('SELECT pg_try_advisory_lock($1::bigint) AS taken', [lock]);
    if (row?.['taken'] === true) return true;
    const atMs = clock.monotonicMs();
    const { now, told } = await progress(connection);
    if (asked && told !== null && BigInt(told) > asked.now) {
      life.completeTo(asked.atMs);
      asked = null;
    }
    asked ??= { now: BigInt(now), atMs };
    life.well('another process hears for this one');
    await pause(RETRY_MS, { clock, signal: life.signal });
  }
  return false;
}

interface Candidate {
  readonly connection: FeedConnection;
  readonly groupId: string | null;
  readonly life: FeedLife;
  readonly progress: Progress;
}
