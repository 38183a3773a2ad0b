import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Commit } from '../../helpers/commits.js';
import { hostNowMs } from '../../helpers/history.js';
import { tableOf } from './storm-world.js';

export interface StormWriterSetup {
  readonly url: string;
  readonly panelsCount: number;
  /** Each writes tables of its own, so that the ids of a table are committed in order. */
  readonly sessionsCount: number;
  /** Of one statement, which is a transaction. */
  readonly rowsCount: number;
  readonly rowsPerSecond: number;
  readonly durationMs: number;
}

/** Writes all tables in turn at that pace, or as fast as the database takes it; the rows a second that it took. The signal ends it early. */
export async function writeStorm(
  setup: StormWriterSetup,
  committed: (commit: Commit) => void,
  signal?: AbortSignal,
): Promise<number> {
  const startMs = hostNowMs();
  let dueCount = 0;
  let writtenCount = 0;
  /** Whether there is a statement to be written now. */
  const takesTurn = (): boolean => {
    if (dueCount > ((hostNowMs() - startMs) / 1000) * setup.rowsPerSecond) return false;
    dueCount += setup.rowsCount;
    return true;
  };
  const session = async (number: number): Promise<void> => {
    const client = new pg.Client(setup.url);
    await client.connect();
    const own = Array.from({ length: setup.panelsCount }, (_empty, panel) => panel).filter(
      (panel) => panel % setup.sessionsCount === number,
    );
    for (let turn = 0; !signal?.aborted && hostNowMs() - startMs < setup.durationMs; ) {
      if (!takesTurn()) {
        await sleep(1);
        continue;
      }
      const panel = own[turn % own.length] ?? 0;
      const lastRow = (Math.floor(turn++ / own.length) + 1) * setup.rowsCount;
      await client.query({
        name: `write ${panel}`,
        text: `INSERT INTO ${tableOf(panel)} SELECT g, 'a row of ordinary length, as most are' FROM generate_series($1::bigint, $2::bigint) g`,
        values: [lastRow - setup.rowsCount + 1, lastRow],
      });
      writtenCount += setup.rowsCount;
      committed({ panel, lastRow, atMs: hostNowMs() });
    }
    await client.end();
  };
  await Promise.all(Array.from({ length: setup.sessionsCount }, (_empty, number) => session(number)));
  return writtenCount / ((hostNowMs() - startMs) / 1000);
}
