import type { Identity, Role } from './identity.js';

/** What a caller may be asked to be: open wants nothing. */
export type Access = 'open' | 'reader' | 'statistics' | 'admin';

const ROLES_OF: Readonly<Record<Exclude<Access, 'open'>, readonly Role[]>> = {
  reader: ['reader', 'staff', 'admin'],
  statistics: ['scraper', 'staff', 'admin'],
  admin: ['admin'],
};

/** Whether somebody with these roles may call what wants that access. */
export function may({ roles }: Pick<Identity, 'roles'>, access: Access): boolean {
  return access === 'open' || ROLES_OF[access].some((role) => roles.includes(role));
}

/** Whether somebody may have the sources asked anew. */
export function isStaff({ roles }: Pick<Identity, 'roles'>): boolean {
  return roles.includes('staff') || roles.includes('admin');
}
