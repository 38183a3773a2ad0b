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
    const snapshot = String(row?.['snapshot']);
    hidden = hidden.filter((xid) => !isVisible(xid, snapshot));
    if (hidden.length > 0) await pause(AGAIN_MS, { clock, signal });
  }
}

/** Whether a transaction, by the 32 bits that the log has of its number, had ended before the snapshot `xmin:xmax:running`. */
export function isVisible(xid: number, snapshot: string): boolean {
  const [, xmax = '0', running = ''] = snapshot.split(':');
  // Numbers of 32 bits go round: what is less than half a round behind is older.
  const isBeforeEnd = ((lowBits(xmax) - xid) | 0) > 0;
  const isRunning = running !== '' && running.split(',').some((each) => lowBits(each) === xid);
  return isBeforeEnd && !isRunning;
}

function lowBits(text: string): number {
  return Number(BigInt.asUintN(32, BigInt(text)));
}
