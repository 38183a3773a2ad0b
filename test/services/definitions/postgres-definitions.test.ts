import t from 'tap';
import type { Definitions, Panel } from '../../../services/definitions/model.js';
import { readPostgresAddress } from '../../../services/definitions/postgres-address.js';
import { definitionsOf } from './some-definitions.js';

const DASHBOARD = 'id: a\nsource: crm\nmetrics: { query: SELECT 1 AS one }\n';

function load(url: string, more = ''): Promise<Definitions> {
  const dashcache = `sources: { crm: { type: postgres, url: "\${DATABASE_URL}"${more} } }\n`;
  return definitionsOf(
    { 'dashcache.yaml': dashcache, 'a.yaml': DASHBOARD },
    { environment: { DATABASE_URL: url } },
  );
}

function metricsOf(definitions: Definitions): Panel | undefined {
  return definitions.dashboards.get('a')?.panels.get('metrics');
}

t.test('a source as declared, with its defaults', async (t) => {
  const definitions = await load('postgresql://app:p%40ss@db.example/crm');
  t.match(definitions.sources.get('crm'), {
    type: 'postgres',
    poolCount: 5,
    concurrencyCount: 5,
    timezone: 'UTC',
    address: { host: 'db.example', port: 5432, user: 'app', password: 'p@ss', database: 'crm', tls: null },
  });
  const more = await load(
    'postgres://app@[::1]:6432/crm',
    ', pool: 3, concurrency: 2, timezone: Europe/Berlin',
  );
  t.match(more.sources.get('crm'), {
    poolCount: 3,
    concurrencyCount: 2,
    timezone: 'Europe/Berlin',
    address: { host: '::1', port: 6432, password: '' },
  });
});

t.test('the setting by which policies know the tenant', async (t) => {
  const url = 'postgres://app@db.example/crm';
  const plain = await load(url);
  const telling = await load(url, ', row_level_security: { setting: app.tenant }');
  t.match(plain.sources.get('crm'), { tenantSetting: null });
  t.match(telling.sources.get('crm'), { tenantSetting: 'app.tenant' });
  t.not(metricsOf(telling)?.definitionHash, metricsOf(plain)?.definitionHash, 'it decides what is answered');
  for (const setting of [
    'tenant',
    'work_mem',
    'app.tenant.id',
    'App.tenant',
    "app.x'; DROP TABLE notes",
    'app."x"',
    '""',
  ])
    await t.rejects(load(url, `, row_level_security: { setting: ${JSON.stringify(setting)} }`), setting);
});

t.test('sslmode means what it means to libpq', async (t) => {
  const tlsOf = (query: string) => readPostgresAddress(`postgres://app@db/crm?${query}`, '/etc/dash').tls;
  t.equal(tlsOf('sslmode=disable'), null);
  t.match(tlsOf('sslmode=require'), { verify: 'nothing', caFile: null });
  t.match(tlsOf('sslmode=require&sslrootcert=ca.pem'), { verify: 'authority', caFile: '/etc/dash/ca.pem' });
  t.match(tlsOf('sslmode=verify-ca&sslrootcert=/ca.pem'), { verify: 'authority', caFile: '/ca.pem' });
  t.match(tlsOf('sslmode=verify-full&sslcert=c.pem&sslkey=k.pem'), {
    verify: 'host',
    certFile: '/etc/dash/c.pem',
    keyFile: '/etc/dash/k.pem',
  });
  const more = readPostgresAddress(
    'postgres://app@localhost/crm?host=/run/pg&channel_binding=require&application_name=x',
    '/',
  );
  t.match(more, { host: '/run/pg', channelBinding: true, applicationName: 'x' });
});

t.test('who asks which database is part of what an entry is found by, the password is not', async (t) => {
  const hashOf = async (url: string, more = '') => metricsOf(await load(url, more))?.definitionHash;
  const first = await hashOf('postgres://app:one@db/crm');
  t.equal(await hashOf('postgres://app:two@db/crm?sslmode=require', ', pool: 9'), first);
  for (const url of [
    'postgres://other:one@db/crm',
    'postgres://app:one@elsewhere/crm',
    'postgres://app:one@db/other',
    'postgres://app:one@db:1/crm',
  ])
    t.not(await hashOf(url), first, url);
  t.not(await hashOf('postgres://app:one@db/crm', ', timezone: Europe/Berlin'), first);
});

t.test('a feed has the address of its source, or its own, which is no part of an entry', async (t) => {
  const feedOf = async (changes: string) => {
    const definitions = await load(
      'postgres://app:one@pooler:6432/crm',
      `, changes: { feed: poll, ${changes} }`,
    );
    const source = definitions.sources.get('crm');
    return {
      source: source?.type === 'postgres' ? source : null,
      hash: metricsOf(definitions)?.definitionHash,
    };
  };
  const tables = 'tables: { tasks: {} }';
  const usual = await feedOf(tables);
  t.match(usual.source?.changes?.address, { host: 'pooler', port: 6432, user: 'app', password: 'one' });
  const own = await feedOf(`url: "postgres://feed:two@db/crm?sslmode=verify-full", ${tables}`);
  t.match(own.source, {
    address: { host: 'pooler', port: 6432, tls: null },
    changes: { address: { host: 'db', port: 5432, user: 'feed', password: 'two', tls: { verify: 'host' } } },
  });
  t.equal(own.hash, usual.hash);
});
