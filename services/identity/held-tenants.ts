import { DashcacheError } from '../../errors.js';
import type { Dashboard, Parameter } from '../definitions/model.js';
import { parameterValue } from '../definitions/parameter-value.js';
import type { Identity } from './identity.js';

/** So many are named to somebody who has to choose. */
const NAMED_COUNT = 20;

/**
 * The tenants that an identity holds, as the tenant parameter reads them, in its canonical spelling: "7" and 7 are one. What is no value of
 * it is not held. Null: any, for an administrator whose credential names none.
 */
export function heldTenants(
  { tenants, roles }: Identity,
  parameter: Parameter,
  nowMs: number,
): string[] | null {
  if (tenants.length === 0 && roles.includes('admin')) return null;
  const held = tenants.flatMap((text) => {
    const value = parameterValue(parameter, text, nowMs);
    return 'fault' in value || value.canonical === null ? [] : [value.canonical];
  });
  return [...new Set(held)];
}

/** The tenant that is meant where none is named; undefined: one has to be. Throws forbidden, and parameters_invalid where there are several. */
export function meantTenant(
  held: readonly string[] | null,
  { id, tenantParameter }: Dashboard,
): string | undefined {
  if (held === null) return undefined;
  if (held.length === 0)
    throw new DashcacheError('forbidden', {
      detail: `The credential names no tenant, and ${id} shows the data of one at a time.`,
    });
  if (held.length === 1) return held[0];
  const more = held.length > NAMED_COUNT ? ' and others' : '';
  throw new DashcacheError('parameters_invalid', {
    errors: [
      {
        parameter: tenantParameter ?? '',
        detail: `is required, since the credential has several: ${held.slice(0, NAMED_COUNT).join(', ')}${more}`,
      },
    ],
  });
}
