import type { DuckDBResult, DuckDBVector } from '@duckdb/node-api';
import { tooManyBytes, tooManyRows } from '../limit-errors.js';
import type { NaiveTime } from '../naive-time.js';
import type { Cell, QueryLimits, SourceResult } from '../source.js';
import { cellReader } from './cell-reader.js';

/** Reads a streamed result row by row and stops at the first row beyond a limit: a shortened result is never an answer. */
export async function collectRows(
  result: DuckDBResult,
  limits: QueryLimits,
  time: NaiveTime,
): Promise<SourceResult> {
  const readers = result.columnTypes().map((type) => cellReader(type, time));
  const columns = result.columnNames().map((name, index) => ({ name, type: readers[index]?.type ?? 'text' }));
  const rows: Cell[][] = [];
  let bytes = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    limits.signal.throwIfAborted();
    if (!chunk || chunk.rowCount === 0) return { columns, rows };
    const vectors: DuckDBVector[] = readers.map((_reader, index) => chunk.getColumnVector(index));
    for (let rowIndex = 0; rowIndex < chunk.rowCount; rowIndex++) {
      if (rows.length >= limits.maxRowsCount) throw tooManyRows(limits);
      const row: Cell[] = [];
      for (let index = 0; index < readers.length; index++) {
        const cell = readers[index]?.read(vectors[index]?.getItem(rowIndex) ?? null) ?? null;
        bytes += typeof cell === 'string' ? Buffer.byteLength(cell) : 8;
        row.push(cell);
      }
      if (bytes > limits.maxBytes) throw tooManyBytes(limits);
      rows.push(row);
    }
  }
}
