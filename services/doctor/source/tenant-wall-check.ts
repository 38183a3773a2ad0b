import { type Check, check, foundIf, type Seen } from '../check.js';
import { someOf } from '../words.js';
import type { PostgresSeen } from './source-seen.js';

/** Where the database is to hold tenants apart, that it does so for the role of the source. */
export const tenantWallCheck: Check = check({
  id: 'source-tenant-wall',
  group: 'source',
  severity: 'error',
  what: 'Where `row_level_security` is declared, the policies hold for the role of the source',
  fix: 'name a role that is no superuser, has NOBYPASSRLS and owns no table; ALTER TABLE ... ENABLE and FORCE ROW LEVEL SECURITY holds for owners too',
  needs: ['sources'],
  run: ({ sources }) =>
    sources.flatMap(({ definition, postgres }): readonly Seen[] => {
      if (postgres === null || definition.type !== 'postgres' || definition.tenantSetting === null) return [];
      if (!postgres.known) return [{ unseen: `${definition.name}: ${postgres.reason}` }];
      const gap = gapIn(postgres.value);
      return foundIf(gap !== null, () => ({ evidence: `${definition.name}: ${gap}` }));
    }),
});

/** How the role comes past the policies; null: it does not. */
function gapIn({ role, isSuperuser, bypassesRowSecurity, tables }: PostgresSeen): string | null {
  if (isSuperuser) return `the role ${role} is a superuser, and passes every policy`;
  if (bypassesRowSecurity) return `the role ${role} has BYPASSRLS, and passes every policy`;
  const secured = tables.filter(({ hasRowSecurity }) => hasRowSecurity);
  if (secured.length === 0 && tables.length > 0)
    return `row security is enabled on no table that panels read: ${someOf(tables.map(({ name }) => name))}`;
  const free = secured.filter(({ isFreeToOwner }) => isFreeToOwner).map(({ name }) => name);
  return free.length > 0
    ? `the role ${role} owns ${someOf(free)} without FORCE, and passes their policies`
    : null;
}
