import { DashcacheError } from '../../../errors.js';
import type { Tenant } from '../../definitions/tenant.js';
import { quoteEscaped, quoteIdentifier } from '../sql-quote.js';

/** What policies of row security are told. */
export interface ToldTenant {
  /** Two names with a dot between them, e.g. app.tenant. */
  readonly setting: string;
  /** Without a text the query is nobody's, and so sees no tenant's rows. */
  readonly of: Tenant;
}

/**
 * Says whose rows a transaction may see, until it ends. It always says something: what another left in the session, or a default of
 * the role, must never count. Throws for a text that would reach the database as another one.
 */
export function tenantLine({ setting, of }: ToldTenant): string {
  const told = of.text ?? '';
  if (told.includes('\0') || /\p{Surrogate}/u.test(told))
    throw new DashcacheError('source_wrong_answer', {
      detail: 'The name of the tenant holds a character that is no text.',
    });
  return `SET LOCAL ${setting.split('.').map(quoteIdentifier).join('.')} = ${quoteEscaped(told)}`;
}
