// Writes rows, each in a transaction of its own, for bench/feeds.ts: at a pace, or as fast as they are taken.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface WriterSetup {
  readonly url: string;
  readonly sessionsCount: number;
  /** Of one statement. */
  readonly rowsCount: number;
  readonly seconds: number;
  /** Over all sessions; null: as fast as they are taken. */
  readonly rowsPerSecond: number | null;
}

const setup = JSON.parse(process.argv[2] ?? '') as WriterSetup;

async function write({
  url,
  sessionsCount,
  rowsCount,
  seconds,
  rowsPerSecond,
}: WriterSetup): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let writtenCount = 0;
  const session = async () => {
    const client = new pg.Client(url);
    await client.connect();
    while (performance.now() < endMs) {
      const dueCount =
        rowsPerSecond === null ? Infinity : ((performance.now() - startMs) / 1000) * rowsPerSecond;
      if (writtenCount >= dueCount) {
        await sleep(1);
        continue;
      }
      writtenCount += rowsCount;
      await client.query({
        name: 'write',
        text: 'INSERT INTO tasks (site_id, name) SELECT g % 50, $2 FROM generate_series(1, $1::int) g',
        values: [rowsCount, 'a row of ordinary length, as most are'],
      });
    }
    await client.end();
  };
  await Promise.all(Array.from({ length: sessionsCount }, session));
  return writtenCount / ((performance.now() - startMs) / 1000);
}

process.send?.(await write(setup));
process.disconnect?.();
