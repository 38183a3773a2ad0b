import { createHash, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../services/clock.js';
import type { Credentials } from '../../../services/identity/credentials.js';
import { type IdentitySettings, openCredentials } from '../../../services/identity/open-credentials.js';
import { silentLog } from '../../../services/log.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { AUDIENCE, ISSUER, keyMint, SECRET, secretMint } from '../../helpers/tokens.js';
import { within } from '../../helpers/within.js';

const parts = { clock: systemClock, log: silentLog };
const NOTHING: IdentitySettings = {
  jwtSecret: null,
  jwtPublicKey: null,
  jwtJwksUrl: null,
  jwtAlgorithm: null,
  jwtIssuer: null,
  jwtAudience: null,
  tenantClaim: 'tenant',
  rolesClaim: 'roles',
  apiKeysFile: null,
};
const ISSUED = { ...NOTHING, jwtIssuer: ISSUER, jwtAudience: AUDIENCE };

async function opened(settings: IdentitySettings): Promise<Credentials> {
  const credentials = await openCredentials(settings, parts);
  if (!credentials) throw new Error('There are no identities');
  return credentials;
}

const keysOf = (...names: readonly string[]) =>
  `keys:\n${names
    .map(
      (name) =>
        `  - { name: ${name}, sha256: ${createHash('sha256').update(name).digest('hex')}, roles: [reader] }\n`,
    )
    .join('')}`;

t.test('given nothing, there are no identities', async (t) => {
  t.equal(await openCredentials(NOTHING, parts), null);
});

t.test('given each algorithm, a token signed by it is taken, and by none of the others', async (t) => {
  const mints = await Promise.all(
    ['RS256', 'RS512', 'PS384', 'ES256', 'ES384', 'EdDSA'].map((algorithm) => keyMint(algorithm)),
  );
  const all = [secretMint(), secretMint(SECRET, 'HS512'), ...mints];
  for (const [i, mint] of all.entries()) {
    const key = 'publicPem' in mint ? { jwtPublicKey: String(mint.publicPem) } : { jwtSecret: SECRET };
    const jwtAlgorithm = mint.algorithm;
    const credentials = await opened({ ...ISSUED, ...key, jwtAlgorithm });
    const own = await mint.token();
    t.equal(credentials.ofKnownToken(own), null, 'nobody has verified it');
    const identity = await credentials.ofToken(own);
    t.match(identity, { name: 'somebody', roles: ['reader'] }, jwtAlgorithm);
    t.equal(credentials.ofKnownToken(own), identity);
    for (const [other, { token }] of all.entries())
      if (other !== i)
        await t.rejects(async () => credentials.ofToken(await token()), { name: 'CredentialRefused' });
    credentials.close();
  }
});

t.test('given heads that point elsewhere, nobody is asked there', async (t) => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end('{}');
  });
  server.on('connection', () => asked++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const mint = await keyMint('ES256');
  const stranger = await keyMint('ES256');
  const credentials = await opened({ ...ISSUED, jwtPublicKey: mint.publicPem, jwtAlgorithm: 'ES256' });
  for (const header of [
    { jku: `http://127.0.0.1:${port}/` },
    { x5u: `http://127.0.0.1:${port}/` },
    { jwk: stranger.publicJwk },
    { x5c: ['AAAA'] },
    { kid: `http://127.0.0.1:${port}/` },
  ])
    await t.rejects(async () => credentials.ofToken(await stranger.token({ header })), {
      name: 'CredentialRefused',
    });
  t.equal(asked, 0);
});

t.test('given a key that is none, the start is refused with what to do', async (t) => {
  const rsa = await keyMint('RS256');
  const wrong = { ...ISSUED, jwtPublicKey: rsa.publicPem, jwtAlgorithm: 'ES256' };
  await t.rejects(openCredentials(wrong, parts), { message: /JWT_PUBLIC_KEY is no public key for ES256/ });
  const gone = { ...NOTHING, apiKeysFile: '/nowhere/keys.yaml' };
  await t.rejects(openCredentials(gone, parts), { message: /API_KEYS_FILE.*there is no such file/ });
});

t.test('given an RSA key that is too short, the start says so: every token would be refused', async (t) => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwtPublicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const weak = { ...ISSUED, jwtPublicKey, jwtAlgorithm: 'RS256' };
  await t.rejects(openCredentials(weak, parts), { message: /2048 bits or more/ });
});

t.test(
  'given a file of keys that changes, it is read again; a broken one changes nothing and is told',
  async (t) => {
    const file = join(tempFolder(t), 'keys.yaml');
    writeFileSync(file, keysOf('first'));
    const credentials = await opened({ ...NOTHING, apiKeysFile: file });
    t.teardown(() => credentials.close());
    t.match(credentials.ofKey('first'), { name: 'first' });
    writeFileSync(file, keysOf('second'));
    await within(5000, () => credentials.ofKey('second').name === 'second', 'the new key is taken');
    t.throws(() => credentials.ofKey('first'), { name: 'CredentialRefused' });
    writeFileSync(file, 'keys: [{ name: third }]');
    credentials.reload();
    t.match(credentials.problem, /keys\[0\]: sha256 must be/);
    t.match(credentials.ofKey('second'), { name: 'second' });
    writeFileSync(file, keysOf('third'));
    credentials.reload();
    t.equal(credentials.problem, null);
    t.match(credentials.ofKey('third'), { name: 'third' });
  },
);
