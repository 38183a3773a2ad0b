import type { WatchedTable } from '../../../../services/changes/change-feed.js';
import type { Relation } from '../../../../services/changes/logical/pgoutput.js';
import { TransactionReader } from '../../../../services/changes/logical/transaction-reader.js';
import { pgoutput } from './pgoutput-messages.js';

/** A table whose key is not its tenant. */
export const TASKS_RELATION: Relation = {
  id: 1,
  schema: 'public',
  name: 'tasks',
  columns: [
    { name: 'id', typeId: 23, isIdentity: true },
    { name: 'site', typeId: 25, isIdentity: false },
  ],
};

export interface Transactions {
  readonly reader: TransactionReader;
  /** What a transaction of these messages is told as: `table`, or `table:tenant,tenant`. */
  tell(...messages: readonly Buffer[]): string[];
}

/** A reader to whom the table has been described. */
export function transactions({
  relation = TASKS_RELATION,
  ...watched
}: Partial<WatchedTable> & { relation?: Relation } = {}): Transactions {
  const reader = new TransactionReader();
  reader.relations = watchedTasks(watched);
  reader.read(pgoutput.relation(relation));
  return {
    reader,
    tell: (...messages) => {
      for (const message of [pgoutput.begin(7), ...messages]) reader.read(message);
      const { changes } = reader.read(pgoutput.commit()) ?? { changes: [] };
      return changes.map(({ table, tenants }) => (tenants ? `${table}:${tenants.join()}` : table));
    },
  };
}

export function watchedTasks({ tenantColumn = 'site', immutable = false }: Partial<WatchedTable>) {
  return new Map([['public.tasks', [{ table: 'tasks', watched: { tenantColumn, immutable } }]]]);
}
