import type { QueryShape } from '../sources/query-shape.js';
import { proveRestricted, type Unproved } from '../tenant-proof/prove-restricted.js';
import type { FaultList } from './fault-list.js';
import type { Place, Statement } from './model.js';
import { spotInStatement } from './origins.js';

export interface TenantProofContext {
  /** The name that is bound to the tenant. */
  readonly tenant: string;
  readonly sharedTables: ReadonlySet<string>;
  /** Of the query, where it came from no file. */
  readonly place: Place;
  readonly faults: FaultList;
}

/** Tells of everything in a query because of which it may show rows of another tenant. */
export function checkTenantProof(
  statement: Statement,
  shape: QueryShape,
  { tenant, sharedTables, place, faults }: TenantProofContext,
): void {
  for (const unproved of proveRestricted(shape, { tenant, sharedTables })) {
    const { table } = unproved;
    const offset = unproved.table === null ? 0 : (unproved.offset ?? 0);
    const spot = spotInStatement(statement, offset, table?.length ?? 1) ?? { place };
    faults.add(spot, messageOf(unproved, tenant), hintOf(unproved, tenant));
  }
}

function messageOf(unproved: Unproved, tenant: string): string {
  return unproved.table === null
    ? `whether this query reads rows of the tenant :${tenant} alone cannot be seen, because of ${unproved.what}`
    : `nothing holds the rows of "${unproved.table}" to the tenant :${tenant}: another tenant's may be shown`;
}

function hintOf(unproved: Unproved, tenant: string): string {
  const declare = 'say `tenant_proof: declared` where you know that it does';
  return unproved.table === null
    ? `write it in another way, or ${declare}`
    : `add a condition that names the table too, such as ${unproved.alias}.${tenant} = :${tenant}; name a table without tenants in \`shared_tables\` of its source, or ${declare}`;
}
