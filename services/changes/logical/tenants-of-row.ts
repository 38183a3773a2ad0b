import type { WatchedTable } from '../change-feed.js';
import { TENANT_TYPE_IDS } from '../tenant-types.js';
import type { PgoutputMessage, Relation, Row } from './pgoutput.js';

export type RowChange = Extract<PgoutputMessage, { kind: 'insert' | 'update' | 'delete' }>;

/** The tenants whose rows changed; null: nobody can tell, so all of them. A row of nobody may be in anybody's answer. */
export function tenantsOfRow(
  change: RowChange,
  relation: Relation,
  { tenantColumn, immutable }: WatchedTable,
): readonly string[] | null {
  const at = relation.columns.findIndex(({ name }) => name === tenantColumn);
  const column = relation.columns[at];
  if (!column || !TENANT_TYPE_IDS.has(column.typeId)) return null;
  const after = change.kind === 'delete' ? null : textAt(change.row, at);
  if (change.kind === 'insert') return only(after);
  const { old } = change;
  const before = old && (old.extent === 'full' || column.isIdentity) ? textAt(old.row, at) : null;
  if (change.kind === 'delete') return only(before);
  // No old row is sent where its identity has not changed; a value that was not sent has not changed either.
  const isSame = immutable || (old === null && column.isIdentity);
  if (isSame) return only(after ?? before);
  if (before === null) return null;
  if (change.row[at] === undefined) return [before];
  return after === null ? null : [...new Set([before, after])];
}

function only(tenant: string | null): readonly string[] | null {
  return tenant === null ? null : [tenant];
}

function textAt(row: Row, at: number): string | null {
  return row[at]?.toString() ?? null;
}
