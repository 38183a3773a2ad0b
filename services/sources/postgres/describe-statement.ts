import type { Client } from 'pg';
import { type FieldMessage, submit } from './wire.js';

/** The columns of a statement, by having the server parse and plan for it without running it; null when it gives none. */
export function describeStatement(client: Client, sql: string): Promise<readonly FieldMessage[] | null> {
  let fields: readonly FieldMessage[] | null = null;
  return submit<readonly FieldMessage[] | null>(
    client,
    (wire) => {
      wire.parse({ text: sql });
      wire.describe({ type: 'S' });
      wire.sync();
    },
    ({ resolve, reject }) => ({
      handleRowDescription(message) {
        fields = message.fields;
      },
      handleDataRow() {},
      handleCommandComplete() {},
      handleEmptyQuery() {},
      handleReadyForQuery: () => resolve(fields),
      handleError: reject,
    }),
  );
}
