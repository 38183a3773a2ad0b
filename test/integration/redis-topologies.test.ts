import t, { type Test } from 'tap';
import { askRedis } from '../helpers/ask-redis.js';
import { documentedUser } from '../helpers/documented-user.js';
import { startCluster } from '../helpers/redis-cluster.js';
import { startSentinel } from '../helpers/redis-sentinel.js';
import { startRedis } from '../helpers/redis-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { makeTestCertificates } from '../helpers/test-certificates.js';
import { builtService } from './support/built-service.js';
import { SHOP_PANELS, shopFolder } from './support/shop.js';
import { read } from './support/two-processes.js';
import { type SharedRedis, twoShare } from './support/two-share.js';

const user = documentedUser();
const LOGIN = `${user.name}:${encodeURIComponent(user.password)}@`;
const PATHS = SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=8`);

const TOPOLOGIES: Readonly<Record<string, (t: Test) => Promise<SharedRedis | null>>> = {
  async 'Sentinel with a password'(t) {
    const redis = await startSentinel({ user });
    t.teardown(() => redis.stop());
    const hosts = redis.sentinels.map(({ host, port }) => `${host}:${port}`).join();
    return {
      environment: { REDIS_SENTINELS: `redis://${LOGIN}${hosts}/${redis.name}` },
      reach: 'replicated',
      servers: redis.servers.map(({ adminUrl }) => adminUrl),
    };
  },
  async 'Cluster with a password'(t) {
    const redis = await startCluster();
    t.teardown(() => redis.stop());
    for (const { port } of redis.nodes)
      await askRedis(port, 'ACL', 'SETUSER', user.name, 'on', `>${user.password}`, ...user.rules);
    const [first, second] = redis.nodes;
    return {
      environment: { REDIS_CLUSTER: `${LOGIN}127.0.0.1:${first?.port},127.0.0.1:${second?.port}` },
      reach: 'primary',
      servers: redis.masters.map(({ adminUrl }) => adminUrl),
    };
  },
  async 'one server with TLS and a password'(t) {
    const tls = makeTestCertificates(tempFolder(t));
    if (!tls) return null;
    const redis = await startRedis({ user, tls });
    t.teardown(() => redis.stop());
    return {
      environment: { REDIS_URL: redis.url, NODE_EXTRA_CA_CERTS: tls.caFile },
      reach: 'primary',
      servers: [redis.adminUrl],
    };
  },
};

for (const [title, start] of Object.entries(TOPOLOGIES))
  t.test(
    `two processes, ${title}: they share entries, a purge is in force in both, nothing is refused`,
    async (t) => {
      const started = await start(t);
      if (!started) return t.pass('not tested: there is no openssl here');
      await twoShare(t, started);
    },
  );

t.test('a certificate that nobody trusts: layer two is away, the service is not', async (t) => {
  const tls = makeTestCertificates(tempFolder(t));
  if (!tls) return t.pass('not tested: there is no openssl here');
  const redis = await startRedis({ user, tls });
  t.teardown(() => redis.stop());
  const environment = { DASHCACHE_CONFIG: await shopFolder(t), REDIS_URL: redis.url };
  const service = await builtService({ environment });
  t.teardown(() => service.stop());
  t.match((await read(service, '/health/ready')).json(), { degraded: ['redis'] });
  t.match(service.lines.join('\n'), 'The certificate of Redis is not accepted: NODE_EXTRA_CA_CERTS');
  t.equal((await read(service, PATHS[0] ?? '')).status, 200);
});
