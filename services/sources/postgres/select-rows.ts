import type { Client } from 'pg';
import { tooManyBytes, tooManyRows } from '../limit-errors.js';
import type { QueryLimits } from '../source.js';
import { type FieldMessage, submit, wireOf } from './wire.js';

export interface RawRows {
  readonly fields: readonly FieldMessage[];
  /** Each value as the text that PostgreSQL writes. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Selection {
  readonly sql: string;
  readonly values: readonly (string | null)[];
  readonly limits: Pick<QueryLimits, 'maxRowsCount' | 'maxBytes'>;
  /** Called once when a limit is passed: nothing more is wanted of the server. */
  readonly stop: () => void;
  /** Called when not even the rest of a value is wanted. */
  readonly hangUp: () => void;
}

/** A cell that is no text, as every source counts it. */
const CELL_BYTES = 8;
/** What the line may carry for each byte of a result: names of columns, lengths, and spellings longer than ours. */
const LINE_BYTES_PER_BYTE = 4;
const LINE_SLACK_BYTES = 1024 * 1024;

/**
 * Runs one SELECT and reads its rows as they come. Beyond a limit nothing is kept, `stop` is called, and it rejects as soon as
 * the server has ended. Execute is sent without a limit of rows: with one PostgreSQL would not use its parallel workers.
 */
export function selectRows(
  client: Client,
  { sql, values, limits, stop, hangUp }: Selection,
): Promise<RawRows> {
  let fields: readonly FieldMessage[] = [];
  let rows: (readonly (string | null)[])[] = [];
  let bytes = 0;
  let refusal: Error | null = null;
  const refuse = (error: Error) => {
    if (refusal) return;
    refusal = error;
    rows = [];
    stop();
  };
  const unwatch = watchLine(client, limits.maxBytes, () => {
    refuse(tooManyBytes(limits));
    hangUp();
  });
  const done = submit<RawRows>(
    client,
    (wire) => {
      wire.parse({ text: sql });
      wire.bind({ values });
      wire.describe({ type: 'P' });
      wire.execute({ rows: 0 });
      wire.sync();
    },
    ({ resolve, reject }) => ({
      handleRowDescription(message) {
        fields = message.fields;
      },
      handleDataRow(message) {
        if (refusal) return;
        const cells = message.fields;
        bytes += Math.max(message.length - 6 - 4 * cells.length, CELL_BYTES * cells.length);
        if (rows.length >= limits.maxRowsCount) refuse(tooManyRows(limits));
        else if (bytes > limits.maxBytes) refuse(tooManyBytes(limits));
        else rows.push(cells);
      },
      handleCommandComplete() {},
      handleEmptyQuery() {},
      handleReadyForQuery: () => (refusal ? reject(refusal) : resolve({ fields, rows })),
      handleError: (error) => reject(refusal ?? error),
    }),
  );
  return done.finally(unwatch);
}

/**
 * The parser hands over whole rows only, and one value can have a GiB. What has come over the line is therefore counted too:
 * more than a result within its limits can need ends the connection.
 */
function watchLine(client: Client, maxBytes: number, refuse: () => void): () => void {
  const { stream } = wireOf(client.connection);
  let leftBytes = LINE_BYTES_PER_BYTE * maxBytes + LINE_SLACK_BYTES;
  const count = (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes < 0) refuse();
  };
  stream.on('data', count);
  return () => stream.off('data', count);
}
