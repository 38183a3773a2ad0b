import { createHash } from 'node:crypto';
import { ApiKeys } from '../../../services/identity/api-keys.js';
import type { Credentials } from '../../../services/identity/credentials.js';
import { TokenVerifier } from '../../../services/identity/token-verifier.js';
import { AUDIENCE, ISSUER, SECRET, secretMint } from '../../helpers/tokens.js';

const mint = secretMint();

/** A header with a token of these roles and tenants. */
export async function bearer(
  roles: readonly string[],
  tenant?: unknown,
  sub = 'somebody',
  livesSeconds = 3600,
): Promise<{ authorization: string }> {
  const exp = Math.floor(Date.now() / 1000) + livesSeconds;
  const claims = { roles: [...roles], sub, exp, ...(tenant !== undefined && { tenant }) };
  return { authorization: `Bearer ${await mint.token({ claims })}` };
}

export const READER_KEY = 'a-key-of-tenant-1-and-2';

/** Tokens signed with SECRET, and one API key. */
export function testCredentials(): Credentials {
  const key = new TextEncoder().encode(SECRET);
  const verifier = new TokenVerifier({
    key: async () => key,
    algorithm: 'HS256',
    issuer: ISSUER,
    audience: AUDIENCE,
    tenantClaim: 'tenant',
    rolesClaim: 'roles',
    clock: { nowMs: () => Date.now() },
  });
  const sha256 = createHash('sha256').update(READER_KEY).digest('hex');
  const keys = ApiKeys.of(`keys: [{ name: screens, sha256: ${sha256}, tenants: [1, 2], roles: [reader] }]`);
  return {
    ofToken: (token) => verifier.verify(token),
    ofKnownToken: (token) => verifier.known(token),
    ofKey: (text) => keys.identityOf(text),
    problem: null,
    reload: () => {},
    onChange: () => {},
    close: () => {},
  };
}
