import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { SERVER_IDENTITY } from '../../../../demo/postgres/embedded-binaries.js';
import type { ChangeFeed } from '../../../../services/changes/change-feed.js';
import { installationStatus, runStatements } from '../../../../services/changes/install/installation.js';
import { openFeed } from '../../../../services/changes/open-feed.js';
import { watchedSource } from '../../../../services/changes/watched-source.js';
import { readPostgresAddress } from '../../../../services/definitions/postgres-address.js';
import { type PostgresServer, startPostgres } from '../../../helpers/postgres-server.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { makeTestCertificates } from '../../../helpers/test-certificates.js';
import { within } from '../../../helpers/within.js';
import { feedOptions, Heard } from '../../changes/support/feed-room.js';
import { postgresDefinition } from './postgres-fixture.js';

/** The roles of the source may only come by TLS and with their passwords. */
const HBA = `host all postgres 127.0.0.1/32 trust
hostssl all,replication all 127.0.0.1/32 scram-sha-256
`;
const SCHEMA = `
  CREATE TABLE tasks (id integer PRIMARY KEY);
  CREATE ROLE reader LOGIN PASSWORD 'p@ss';
  GRANT SELECT ON tasks TO reader;`;

async function securedServer(t: Test): Promise<{ server: PostgresServer; caFile: string } | null> {
  const folder = tempFolder(t);
  chmodSync(folder, 0o755);
  const certificates = makeTestCertificates(folder);
  if (!certificates) return null;
  const { caFile, certificateFile, keyFile } = certificates;
  chmodSync(keyFile, 0o600);
  if (SERVER_IDENTITY) chownSync(keyFile, SERVER_IDENTITY.uid, SERVER_IDENTITY.gid);
  const hbaFile = `${folder}/pg_hba.conf`;
  writeFileSync(hbaFile, HBA);
  const server = await startPostgres({
    lines: [
      'wal_level = logical',
      'ssl = on',
      `ssl_cert_file = '${certificateFile}'`,
      `ssl_key_file = '${keyFile}'`,
      `hba_file = '${hbaFile}'`,
    ],
  });
  t.after(() => server.stop());
  await server.query(SCHEMA);
  return { server, caFile };
}

t.test('a server that wants TLS, and a role that may only read', async (t) => {
  const secured = await securedServer(t);
  if (!secured) return t.pass('there is no openssl');
  const { server, caFile } = secured;
  const at = (query: string) => `postgres://reader:p%40ss@127.0.0.1:${server.port}/shop${query}`;

  /** As the service opens it, by what the definitions say. */
  const feedAt = (t: Test, feed: ChangeFeed['kind'], query: string) => {
    const address = readPostgresAddress(at(query), process.cwd());
    const tables = new Map([['tasks', { tenantColumn: null, immutable: false }]]);
    const definition = postgresDefinition(at(query), { changes: { feed, tables, address } });
    const watched = watchedSource(definition);
    if (!watched) throw new Error('It declares a feed');
    const heard = new Heard();
    const options = {
      ...feedOptions({ url: '', changes: watched.changes, heard }),
      database: watched.database,
    };
    const opened = openFeed(options);
    t.teardown(() => opened.close());
    return { options, heard, feed: opened };
  };

  for (const kind of ['logical', 'notify', 'poll'] as const)
    await t.test(`${kind}: every connection of it is encrypted and checked`, async (t) => {
      const { options, heard, feed } = feedAt(t, kind, `?sslmode=verify-full&sslrootcert=${caFile}`);
      // By somebody who may, for the role of the source.
      const owner = { ...options, database: async () => ({ connectionString: server.url }) };
      await runStatements(owner, (await installationStatus(owner, 'reader')).install);
      t.same(
        (await installationStatus(options, 'reader')).faults,
        [],
        'the role itself sees that it is complete',
      );
      feed.start();
      await within(20_000, () => feed.state().ok, 'it hears');
      heard.take();
      await server.query('INSERT INTO tasks SELECT count(*) FROM tasks');
      await within(20_000, () => heard.told.includes('public.tasks'), 'the change is told');
      const { rows } = await server.query(
        `SELECT bool_and(s.ssl) AS encrypted, count(*)::int AS sessions FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
         WHERE a.application_name = 'dashcache feed main'`,
      );
      t.same(rows, [{ encrypted: true, sessions: kind === 'logical' ? 2 : 1 }]);
      await feed.close();
    });

  await t.test(
    'control: without TLS, or by an authority that nobody trusts, it does not come in',
    async (t) => {
      for (const [query, detail] of [
        ['', /no pg_hba\.conf entry/],
        ['?sslmode=verify-full', /self-signed|unable to verify/],
      ] as const) {
        const { feed } = feedAt(t, 'notify', query);
        feed.start();
        await within(10_000, () => detail.test(feed.state().detail ?? ''), `"${query}" is refused`);
        t.equal(feed.state().ok, false);
        await feed.close();
      }
    },
  );
});
