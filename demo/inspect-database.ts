import { stat } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { DEMO_FORMAT } from './generate-operations.js';

const MAXIMUM_AGE_MS = 7 * 24 * 3_600_000;
/** Clocks of two machines that share a folder may differ by this much. */
const CLOCK_SLACK_MS = 24 * 3_600_000;
/** Three headers of 4 KiB come before the first block of a DuckDB file. */
const HEADERS_BYTES = 3 * 4096;

export type DatabaseState = { readonly usable: true } | { readonly usable: false; readonly reason: string };

/** Whether the demo database at `path` is complete, of this format and not older than seven days; never rejects. */
export async function inspectDatabase(path: string, nowMs: number): Promise<DatabaseState> {
  const file = await stat(path).catch(() => null);
  if (!file) return { usable: false, reason: 'there is none yet' };
  const info = await readInfo(path).catch(() => null);
  if (!info) return { usable: false, reason: 'the file is broken or not complete' };
  if (file.size < info.expectedBytes) return { usable: false, reason: 'the file has been cut short' };
  if (info.format !== DEMO_FORMAT) return { usable: false, reason: 'it comes from another version' };
  if (info.asOfMs > nowMs + CLOCK_SLACK_MS) return { usable: false, reason: 'it comes from the future' };
  if (nowMs - info.asOfMs > MAXIMUM_AGE_MS) return { usable: false, reason: 'it is older than 7 days' };
  return { usable: true };
}

interface DatabaseInfo {
  readonly format: number;
  readonly asOfMs: number;
  readonly expectedBytes: number;
}

async function readInfo(path: string): Promise<DatabaseInfo> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT format, epoch_ms(as_of) AS as_of_ms, total_blocks * block_size AS block_bytes
       FROM demo_info, pragma_database_size()`,
    );
    const [format, asOfMs, blockBytes] = (reader.getRows()[0] ?? []).map(Number);
    connection.closeSync();
    if (format === undefined || asOfMs === undefined || blockBytes === undefined) throw new Error('no row');
    return { format, asOfMs, expectedBytes: HEADERS_BYTES + blockBytes };
  } finally {
    instance.closeSync();
  }
}
