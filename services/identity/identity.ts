export const ROLES = ['reader', 'staff', 'admin', 'scraper'] as const;

export type Role = (typeof ROLES)[number];

/** Who asks, as a verified credential says. */
export interface Identity {
  /** For logs; never the credential. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** As the credential writes them; what they mean is for the tenant parameter of a dashboard to say. */
  readonly tenants: readonly string[];
  /** Wall clock; absent: until the credential is withdrawn. */
  readonly expiresAtMs?: number;
}

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}
