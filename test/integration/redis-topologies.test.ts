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
import { read, tell } from './support/two-processes.js';
import { until } from './support/until.js';

const user = documentedUser();
const LOGIN = `${user.name}:${encodeURIComponent(user.password)}@`;
const PATHS = SHOP_PANELS.map((panel) => `/dashboards/shop/${panel}?site_id=8`);

interface Started {
  readonly environment: Readonly<Record<string, string>>;
  readonly reach: 'primary' | 'replicated';
  /** Of all servers that hold data; null: they cannot be asked by that. */
  readonly ports: readonly number[] | null;
}

const TOPOLOGIES: Readonly<Record<string, (t: Test) => Promise<Started | null>>> = {
  async 'Sentinel with a password'(t) {
    const redis = await startSentinel({ user });
    t.teardown(() => redis.stop());
    const hosts = redis.sentinels.map(({ host, port }) => `${host}:${port}`).join();
    return {
      environment: { REDIS_SENTINELS: `redis://${LOGIN}${hosts}/${redis.name}` },
      reach: 'replicated',
      ports: redis.servers.map(({ port }) => port),
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
      ports: redis.nodes.map(({ port }) => port),
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
      ports: null,
    };
  },
};

for (const [title, start] of Object.entries(TOPOLOGIES))
  t.test(
    `two processes, ${title}: they share entries, a purge is in force in both, nothing is refused`,
    async (t) => {
      const started = await start(t);
      if (!started) return t.pass('not tested: there is no openssl here');
      const environment = { DASHCACHE_CONFIG: await shopFolder(t), ...started.environment };
      const [first, second] = await Promise.all([
        builtService({ environment }),
        builtService({ environment }),
      ]);
      t.teardown(() => Promise.all([first.stop(), second.stop()]));
      t.match((await read(first, '/health/ready')).json(), { degraded: [] });

      for (const path of PATHS) t.match((await read(first, path)).cacheStatus, 'uri-miss; stored', path);
      for (const path of PATHS) t.match((await read(second, path)).cacheStatus, 'detail=l2', path);
      const purge = async () => (await tell(first, '/cache/invalidations', { body: { all: true } })).json();
      t.same(await purge(), { reach: started.reach, processes: 2, confirmed: 2 });
      for (const path of PATHS) t.match((await read(second, path)).cacheStatus, 'uri-miss', path);
      t.match((await read(first, '/reports/cache-statistics/')).json(), { reach: 'cluster' });

      const times: number[] = [];
      const isHeard = async () => {
        const startedMs = performance.now();
        await purge();
        times.push(Math.round(performance.now() - startedMs));
        return times.length > 5 && Math.min(...times) < 60;
      };
      t.ok(await until(isHeard), 'purges are acknowledged over the bus');
      t.comment(`acknowledged in ${times.join(', ')} ms`);
      for (const port of started.ports ?? [])
        t.same(await askRedis(port, 'ACL', 'LOG'), [], `nothing was refused by ${port}`);
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
  t.equal((await read(service, PATHS[0] ?? '')).status, 200);
});
