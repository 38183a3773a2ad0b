import { importSPKI } from 'jose';
import t from 'tap';
import { TokenVerifier } from '../../../services/identity/token-verifier.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { AUDIENCE, ISSUER, keyMint, secretMint } from '../../helpers/tokens.js';

t.test('a token of the signer is taken until it expires; every forged one is refused', async (t) => {
  const clock = new ManualClock();
  const nowMs = clock.nowMs();
  const mint = await keyMint('ES256');
  const imported = await importSPKI(mint.publicPem, 'ES256');
  const verifier = new TokenVerifier({
    key: () => imported,
    algorithm: 'ES256',
    issuer: ISSUER,
    audience: AUDIENCE,
    tenantClaim: 'tenant',
    rolesClaim: 'roles',
    clock,
  });
  const good = await mint.token({ nowMs, claims: { tenant: 7 } });
  const wanted = { name: 'somebody', roles: ['reader'], tenants: ['7'] };
  t.same(await verifier.verify(good), wanted, 'control');
  t.same(await verifier.verify(good), wanted, 'again');

  const part = (text: string) => Buffer.from(text).toString('base64url');
  const [header = '', payload = '', signature = ''] = good.split('.');
  const forged = {
    issuer: await mint.token({ nowMs, claims: { iss: 'other' } }),
    audience: await mint.token({ nowMs, claims: { aud: 'other' } }),
    future: await mint.token({ nowMs, claims: { nbf: nowMs / 1000 + 60 } }),
    'no exp': await mint.token({ nowMs, claims: { exp: undefined } } as never),
    'public key as secret': await secretMint(mint.publicPem).token({ nowMs }),
    'with white space': await secretMint(`\n ${mint.publicPem}`).token({ nowMs }),
    zeros: `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    empty: `${header}.${payload}.`,
    truncated: good.slice(0, -8),
    twice: `${part('{"alg":"ES256","\\u0061lg":"ES256"}')}.${payload}.${signature}`,
    long: 'a'.repeat(1_000_000),
    ...Object.fromEntries(
      ['none', 'None', 'NONE', 'nOnE'].map((alg) => [alg, `${part(JSON.stringify({ alg }))}.${payload}.`]),
    ),
  };
  for (const [name, token] of Object.entries(forged))
    await t.rejects(verifier.verify(token), { name: 'CredentialRefused', reason: 'invalid' }, name);

  clock.advance(3_600_001);
  await t.rejects(
    verifier.verify(good),
    { name: 'CredentialRefused', reason: 'expired' },
    'also one that was taken before',
  );
});
