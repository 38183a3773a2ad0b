import { createHmac } from 'node:crypto';
import { importSPKI } from 'jose';
import t from 'tap';
import { TokenVerifier } from '../../../services/identity/token-verifier.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { AUDIENCE, ISSUER, keyMint, SECRET, secretMint } from '../../helpers/tokens.js';

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
  const expiresAtMs = (Math.floor(nowMs / 1000) + 3600) * 1000;
  const wanted = { name: 'somebody', roles: ['reader'], tenants: ['7'], expiresAtMs };
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
    other: `${header}.${part('{}')}.${signature}`,
    ...Object.fromEntries(
      ['none', 'None', 'NONE', 'nOnE'].map((alg) => [alg, `${part(JSON.stringify({ alg }))}.${payload}.`]),
    ),
  };
  for (const [name, token] of Object.entries(forged))
    await t.rejects(
      async () => verifier.verify(token),
      { name: 'CredentialRefused', reason: 'invalid' },
      name,
    );

  clock.advance(3_600_001);
  await t.rejects(
    async () => verifier.verify(good),
    { name: 'CredentialRefused', reason: 'expired' },
    'also one that was taken before',
  );
});

t.test(
  'a token that is signed well and means two things, or more than is understood, or too much: refused before its key is sought',
  async (t) => {
    let soughtCount = 0;
    const verifier = new TokenVerifier({
      key: async () => {
        soughtCount++;
        return new TextEncoder().encode(SECRET);
      },
      algorithm: 'HS256',
      issuer: ISSUER,
      audience: AUDIENCE,
      tenantClaim: 'tenant',
      rolesClaim: 'roles',
      clock: { nowMs: () => Date.now() },
    });
    const signed = (head: string, body: string) => {
      const text = [head, body].map((part) => Buffer.from(part).toString('base64url')).join('.');
      return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
    };
    const head = '{"alg":"HS256"}';
    const claims = `"iss":"${ISSUER}","aud":"${AUDIENCE}","exp":${Math.floor(Date.now() / 1000) + 60},"roles":["reader"]`;
    t.match(await verifier.verify(signed(head, `{${claims},"tenant":1}`)), { tenants: ['1'] }, 'control');
    t.match(await verifier.verify(signed(head, `{${claims},"tenant":1}`)), { tenants: ['1'] });
    t.equal(soughtCount, 1, 'the second time it is known');
    for (const [name, token] of Object.entries({
      'a claim twice': signed(head, `{${claims},"tenant":1,"tenant":2}`),
      'in another spelling': signed(head, `{${claims},"tenant":1,"t\\u0065nant":2}`),
      'in the head': signed('{"alg":"HS256","alg":"HS256"}', `{${claims}}`),
      crit: signed('{"alg":"HS256","crit":["exp"],"exp":1}', `{${claims}}`),
      b64: signed('{"alg":"HS256","b64":true}', `{${claims}}`),
      'a megabyte': signed(head, `{${claims},"x":"${'x'.repeat(1_000_000)}"}`),
      'no object': signed('[]', `{${claims}}`),
    }))
      await t.rejects(
        async () => verifier.verify(token),
        { name: 'CredentialRefused', reason: 'invalid' },
        name,
      );
    t.equal(soughtCount, 1);
  },
);
