import t from 'tap';
import { ends } from '../../helpers/ending-program.js';
import { startCluster } from '../../helpers/redis-cluster.js';

const moduleOf = (path: string) => new URL(`../../../${path}`, import.meta.url).href;

t.test('a program ends though its Cluster was asked for its slots when it closed', async (t) => {
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  const topology = {
    kind: 'cluster',
    nodes: cluster.nodes,
    login: { username: null, password: null },
    isTls: false,
  };
  const { code, output } = await ends(
    t,
    `import { closeRedisClient, openRedisClient, redisReady } from '${moduleOf('services/cache/redis-client.ts')}';
    import { RecordingLog } from '${moduleOf('test/helpers/recording-log.ts')}';
    const client = openRedisClient(${JSON.stringify(topology)}, new RecordingLog());
    await redisReady(client, 5000);
    const ask = client.refreshSlotsCache.bind(client);
    let asked = () => {};
    client.refreshSlotsCache = (callback) => { ask(callback); asked(); };
    await new Promise((resolve) => { asked = resolve; });
    console.log(client.isRefreshing);
    await closeRedisClient(client);`,
  );
  t.same({ code, output }, { code: 0, output: 'true\n' });
});
