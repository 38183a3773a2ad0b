import t from 'tap';
import { askRedis } from '../helpers/ask-redis.js';
import { documentedUser } from '../helpers/documented-user.js';
import { startCluster } from '../helpers/redis-cluster.js';
import { startSentinel } from '../helpers/redis-sentinel.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { makeTestCertificates } from '../helpers/test-certificates.js';
import { builtService } from './support/built-service.js';
import { SHOP_PANELS, shopFolder } from './support/shop.js';
import { read } from './support/two-processes.js';
import { twoShare } from './support/two-share.js';

const user = documentedUser();
const LOGIN = `${user.name}:${encodeURIComponent(user.password)}@`;
const PASSWORD = 'of the servers: /@';
const SENTINEL_PASSWORD = 'of the sentinels: &=';
const PATH = `/dashboards/shop/${SHOP_PANELS[0]}?site_id=8`;

t.test('Sentinel with TLS and passwords of servers and sentinels: two processes share it', async (t) => {
  const tls = makeTestCertificates(tempFolder(t));
  if (!tls) return t.pass('not tested: there is no openssl here');
  const redis = await startSentinel({ user, tls, password: PASSWORD, sentinelPassword: SENTINEL_PASSWORD });
  t.teardown(() => redis.stop());
  const hosts = redis.sentinels.map(({ host, port }) => `${host}:${port}`).join();
  const secret = encodeURIComponent(SENTINEL_PASSWORD);
  await twoShare(t, {
    environment: {
      REDIS_SENTINELS: `rediss://${LOGIN}${hosts}/${redis.name}?sentinel_password=${secret}`,
      NODE_EXTRA_CA_CERTS: tls.caFile,
    },
    reach: 'replicated',
    servers: redis.servers.map(({ adminUrl }) => adminUrl),
  });
});

t.test(
  'Cluster with TLS and passwords, whose certificate is for a name: known by that name two processes share it, else none',
  async (t) => {
    const tls = makeTestCertificates(tempFolder(t), 'DNS:localhost');
    if (!tls) return t.pass('not tested: there is no openssl here');
    const redis = await startCluster({ tls, password: PASSWORD, hostname: 'localhost' });
    t.teardown(() => redis.stop());
    const servers = redis.masters.map(({ adminUrl }) => adminUrl);
    for (const server of servers)
      await askRedis(server, 'ACL', 'SETUSER', user.name, 'on', `>${user.password}`, ...user.rules);
    const clusterAt = (host: string) =>
      `rediss://${LOGIN}${redis.nodes.map(({ port }) => `${host}:${port}`).join()}`;
    const trusting = { NODE_EXTRA_CA_CERTS: tls.caFile };
    await twoShare(t, {
      environment: { REDIS_CLUSTER: clusterAt('localhost'), ...trusting },
      reach: 'primary',
      servers,
    });

    const environment = { DASHCACHE_CONFIG: await shopFolder(t), ...trusting };
    const service = await builtService({
      environment: { ...environment, REDIS_CLUSTER: clusterAt('127.0.0.1') },
    });
    t.teardown(() => service.stop());
    t.match((await read(service, '/health/ready')).json(), { degraded: ['redis'] });
    t.equal((await read(service, PATH)).status, 200, 'without layer two');
    t.match(service.lines.join('\n'), 'ERR_TLS_CERT_ALTNAME_INVALID');
    t.match(service.lines.join('\n'), 'The certificate of Redis is not accepted');
  },
);

t.test(
  'a wrong password under Sentinel or in a Cluster: the service starts and serves without layer two, and the log says why',
  async (t) => {
    const [sentinel, cluster] = await Promise.all([
      startSentinel({ password: PASSWORD, sentinelPassword: SENTINEL_PASSWORD }),
      startCluster({ password: PASSWORD }),
    ]);
    t.teardown(() => Promise.all([sentinel.stop(), cluster.stop()]));
    const sentinels = sentinel.sentinels.map(({ host, port }) => `${host}:${port}`).join();
    const nodes = cluster.nodes.map(({ host, port }) => `${host}:${port}`).join();
    const cases = [
      [
        { REDIS_SENTINELS: `redis://:wrong@${sentinels}/${sentinel.name}` },
        'The sentinels refuse the user or the password',
      ],
      [{ REDIS_CLUSTER: `redis://:wrong@${nodes}` }, 'Redis refuses the user or the password'],
    ] as const;
    const folder = await shopFolder(t);
    for (const [settings, told] of cases) {
      const service = await builtService({ environment: { DASHCACHE_CONFIG: folder, ...settings } });
      t.match((await read(service, '/health/ready')).json(), { degraded: ['redis'] });
      for (const status of ['uri-miss', 'hit']) t.match((await read(service, PATH)).cacheStatus, status);
      t.match(service.lines.join('\n'), told);
      t.equal(await service.stop(), 0);
    }
  },
);
