import { TENANT_TYPE_IDS } from '../tenant-types.js';
import type { ShapeOfTable, ShapePart } from '../watched-shape.js';
import { markOfTriggers } from './trigger-sql.js';

const REMEDY = 'run `dashcache changes install`';

/** Tables that rows are written to and that tell of it; a materialised view is known by its file. */
const WRITTEN = new Set(['r', 'p']);
const TRIGGERS_COUNT = 4;

/** What keeps a logical feed from hearing all that it should, as sentences; none: nothing. */
export function faultsOfPublication(shape: readonly ShapeOfTable[]): string[] {
  return shape.flatMap((table) => {
    const fault = faultOfKind(table);
    if (fault !== null) return [fault];
    if (!isWritten(table)) return [];
    if (!table.isPublished) return [`${table.declared} is not in the publication: ${REMEDY}`];
    const bare = table.parts.filter(lacksIdentity);
    return bare.map(
      ({ name }) => `${name} has no replica identity, so its rows can not be changed: ${REMEDY}`,
    );
  });
}

/** The same for a feed of triggers. */
export function faultsOfTriggers(shape: readonly ShapeOfTable[]): string[] {
  return shape.flatMap((table) => {
    const fault = faultOfKind(table);
    if (fault !== null) return [fault];
    if (!isWritten(table)) return [];
    const mark = markOfTriggers(table.watched);
    return table.parts
      .filter((part) => part.triggersCount < TRIGGERS_COUNT || part.triggersFor !== mark)
      .map(({ name }) => `${name} lacks its triggers, or has those of other definitions: ${REMEDY}`);
  });
}

/** The same for a feed that needs nothing but the tables. */
export function faultsOfTables(shape: readonly ShapeOfTable[]): string[] {
  return shape.flatMap((table) => faultOfKind(table) ?? []);
}

/** Whether rows of it are written by statements. */
export function isWritten({ root }: ShapeOfTable): boolean {
  return root !== null && WRITTEN.has(root.kind);
}

/** Once it is published PostgreSQL would refuse every UPDATE and DELETE of it. */
export function lacksIdentity({ kind, identity, hasPrimaryKey }: ShapePart): boolean {
  return kind === 'r' && (identity === 'n' || (identity === 'd' && !hasPrimaryKey));
}

function faultOfKind({ declared, root, watched, tenantTypeId }: ShapeOfTable): string | null {
  if (root === null) return `there is no table ${declared}`;
  const { tenantColumn } = watched;
  if (tenantColumn !== null && !TENANT_TYPE_IDS.has(tenantTypeId ?? 0))
    return tenantTypeId === null
      ? `${declared} has no column ${tenantColumn}`
      : `${declared}.${tenantColumn} is neither a whole number nor a text or uuid: leave tenant_column out`;
  if (WRITTEN.has(root.kind) || root.kind === 'm') return null;
  return `${declared} is a view or a foreign table: name the tables behind it`;
}
