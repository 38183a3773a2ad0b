import type { Clock } from '../../clock.js';
import type { FeedConnection } from '../feed-connection.js';
import { pause } from '../pause.js';

const AGAIN_MS = 5;

/**
 * Resolves once every new snapshot sees these transactions. A commit is streamed as soon as it is in the log, and that is before
 * others see it, by far where it waits for a synchronous standby: told at once, a panel would be loaded anew with the old rows.
 */
export async function untilVisible(
  xids: readonly number[],
  { connection, clock, signal }: { connection: FeedConnection; clock: Clock; signal: AbortSignal },
): Promise<void> {
  let hidden = xids;
  while (hidden.length > 0 && !signal.aborted) {
    const [row] = await connection.query('SELECT pg_current_snapshot()::text AS snapshot');
    const snapshot = readSnapshot(String(row?.['snapshot']));
    hidden = hidden.filter((xid) => !isVisible(xid, snapshot));
    if (hidden.length > 0) await pause(AGAIN_MS, { clock, signal });
  }
}

/** Of a snapshot the 32 bits that the log has of the number of a transaction. */
export interface Snapshot {
  /** The first that had not begun. */
  readonly end: number;
  readonly running: ReadonlySet<number>;
}

/** As PostgreSQL writes it, `xmin:xmax:running`. */
export function readSnapshot(text: string): Snapshot {
  const [, end = '0', running = ''] = text.split(':');
  return { end: lowBits(end), running: new Set(running === '' ? [] : running.split(',').map(lowBits)) };
}

/** Whether a transaction had ended before the snapshot. */
export function isVisible(xid: number, { end, running }: Snapshot): boolean {
  // Numbers of 32 bits go round: what is less than half a round behind is older.
  return ((end - xid) | 0) > 0 && !running.has(xid);
}

function lowBits(text: string): number {
  return Number(BigInt.asUintN(32, BigInt(text)));
}
