import { chmodSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { SERVER_IDENTITY } from '../../../../demo/postgres/embedded-binaries.js';
import { parseStatement } from '../../../../services/definitions/statement.js';
import { failure, limits } from '../../../contracts/source-contract.js';
import { startPostgres } from '../../../helpers/postgres-server.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { makeTestCertificates } from '../../../helpers/test-certificates.js';
import { backendsOf, openForTest } from './postgres-fixture.js';

const ENCRYPTED = parseStatement('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');

t.test('TLS, as sslmode says', async (t) => {
  const folder = tempFolder(t);
  chmodSync(folder, 0o755);
  const ours = makeTestCertificates(folder);
  if (!ours) return t.pass('there is no openssl');
  const others = makeTestCertificates(tempFolder(t));
  chmodSync(ours.keyFile, 0o600);
  if (SERVER_IDENTITY) chownSync(ours.keyFile, SERVER_IDENTITY.uid, SERVER_IDENTITY.gid);
  const server = await startPostgres({
    lines: ['ssl = on', `ssl_cert_file = '${ours.certificateFile}'`, `ssl_key_file = '${ours.keyFile}'`],
  });
  t.after(() => server.stop());
  const at = (query: string, host = '127.0.0.1') =>
    openForTest(t, `${server.url.replace('127.0.0.1', host)}${query}`).source;
  const ca = `&sslrootcert=${ours.caFile}`;

  for (const [query, isEncrypted] of [
    ['', false],
    ['?sslmode=require', true],
    [`?sslmode=require${ca}`, true],
    [`?sslmode=verify-ca${ca}`, true],
    [`?sslmode=verify-full${ca}`, true],
  ] as const)
    t.same((await at(query).query(ENCRYPTED, new Map(), limits())).rows, [[isEncrypted]], query);

  for (const query of [
    '?sslmode=verify-full',
    `?sslmode=verify-full&sslrootcert=${others?.caFile}`,
    `?sslmode=require&sslrootcert=${others?.caFile}`,
    `?sslmode=verify-full&sslrootcert=${join(folder, 'absent.pem')}`,
  ])
    t.equal((await failure(at(query).query(ENCRYPTED, new Map(), limits()))).code, 'source_down', query);

  await t.test('an abort ends the query over TLS too', async (t) => {
    const source = at(`?sslmode=verify-full${ca}`);
    const ending = new AbortController();
    const slow = parseStatement('SELECT pg_sleep(600)');
    const query = failure(source.query(slow, new Map(), limits({ signal: ending.signal })));
    const isActive = async () => (await backendsOf(server)).includes('active');
    for (let look = 0; look < 300 && !(await isActive()); look++) await sleep(10);
    t.ok(await isActive());
    ending.abort();
    t.equal((await query).code, 'source_deadline');
    t.notOk(await isActive());
  });
});

t.test(
  'a name that the certificate does not have: verify-full refuses, verify-ca does not mind',
  async (t) => {
    const folder = tempFolder(t);
    chmodSync(folder, 0o755);
    const certificates = makeTestCertificates(folder, 'DNS:elsewhere.example');
    if (!certificates) return t.pass('there is no openssl');
    const { caFile, certificateFile, keyFile } = certificates;
    chmodSync(keyFile, 0o600);
    if (SERVER_IDENTITY) chownSync(keyFile, SERVER_IDENTITY.uid, SERVER_IDENTITY.gid);
    const lines = ['ssl = on', `ssl_cert_file = '${certificateFile}'`, `ssl_key_file = '${keyFile}'`];
    const server = await startPostgres({ lines });
    t.after(() => server.stop());
    const ask = (mode: string) =>
      openForTest(t, `${server.url}?sslmode=${mode}&sslrootcert=${caFile}`).source.query(
        ENCRYPTED,
        new Map(),
        limits(),
      );
    t.same((await ask('verify-ca')).rows, [[true]]);
    t.equal((await failure(ask('verify-full'))).code, 'source_down');
  },
);
