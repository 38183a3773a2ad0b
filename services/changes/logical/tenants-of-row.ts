import type { WatchedTable } from '../change-feed.js';
import { TENANT_TYPE_IDS } from '../tenant-types.js';
import { KnownTexts } from './known-texts.js';
import type { PgoutputMessage, Relation } from './pgoutput.js';

export type RowChange = Extract<PgoutputMessage, { kind: 'insert' | 'update' | 'delete' }>;

/** Where the rows of a table say whose they are. */
export interface TenantColumn {
  readonly at: number;
  /** Part of what PostgreSQL sends of the old row. */
  readonly isIdentity: boolean;
  readonly immutable: boolean;
  readonly texts: KnownTexts;
}

/** Null: the rows do not say it, or not in the text by which tenants are known. */
export function tenantColumnOf(
  { columns }: Relation,
  { tenantColumn, immutable }: WatchedTable,
): TenantColumn | null {
  const at = columns.findIndex(({ name }) => name === tenantColumn);
  const column = columns[at];
  if (!column || !TENANT_TYPE_IDS.has(column.typeId)) return null;
  return { at, isIdentity: column.isIdentity, immutable, texts: new KnownTexts() };
}

/** The tenants whose rows changed; null: nobody can tell, so all of them. A row of nobody may be in anybody's answer. */
export function tenantsOfRow(
  change: RowChange,
  { at, isIdentity, immutable, texts }: TenantColumn,
): readonly string[] | null {
  const after = change.kind === 'delete' ? null : change.row.text(at, texts);
  if (change.kind === 'insert') return only(after);
  const { old } = change;
  const before = old && (old.extent === 'full' || isIdentity) ? old.row.text(at, texts) : null;
  if (change.kind === 'delete') return only(before);
  // No old row is sent where its identity has not changed; a value that was not sent has not changed either.
  const isSame = immutable || (old === null && isIdentity);
  if (isSame) return only(after ?? before);
  if (before === null || before === undefined) return null;
  if (after === undefined || after === before) return [before];
  return after === null ? null : [before, after];
}

function only(tenant: string | null | undefined): readonly string[] | null {
  return tenant === null || tenant === undefined ? null : [tenant];
}
