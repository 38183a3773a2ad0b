import { Cluster } from 'ioredis';
import t, { type Test } from 'tap';
import { type RedisCluster, startCluster } from './redis-cluster.js';
import { within } from './within.js';

const CONTROL_KEY = 'dc:{g}:root';

function clientOf(t: Test, cluster: RedisCluster): Cluster {
  const client = new Cluster([...cluster.nodes], {
    redisOptions: { socketTimeout: 500, commandTimeout: 400 },
  });
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  return client;
}

t.test('a cluster of masters serves all slots, and one moves with its keys', async (t) => {
  const startMs = performance.now();
  const cluster = await startCluster();
  t.teardown(() => cluster.stop());
  t.comment(`started in ${Math.round(performance.now() - startMs)} ms`);
  const client = clientOf(t, cluster);
  for (let i = 0; i < 30; i++) await client.set(`dc:{${i}}`, i);
  await client.set(CONTROL_KEY, 'here');

  const owner = await cluster.ownerOf(CONTROL_KEY);
  const other = cluster.masters.find(({ port }) => port !== owner.port);
  if (!other) throw new Error('A cluster has more than one master');
  await cluster.moveSlot(await cluster.slotOf(CONTROL_KEY), other);
  t.equal((await cluster.ownerOf(CONTROL_KEY)).port, other.port);
  t.equal(await client.get(CONTROL_KEY), 'here');
});

t.test('given replicas, one takes over by order, and another when its master is frozen', async (t) => {
  const startMs = performance.now();
  const cluster = await startCluster({ replicasCount: 1 });
  t.teardown(() => cluster.stop());
  t.comment(`started in ${Math.round(performance.now() - startMs)} ms`);
  const client = clientOf(t, cluster);
  await client.set(CONTROL_KEY, 'here');

  const owner = await cluster.ownerOf(CONTROL_KEY);
  const replica = cluster.replicas[cluster.masters.findIndex(({ port }) => port === owner.port)];
  if (!replica) throw new Error('Every master has a replica');
  await cluster.failover(replica);
  t.equal((await cluster.ownerOf(CONTROL_KEY)).port, replica.port);

  replica.freeze();
  const asked = cluster.masters.find(({ port }) => port !== owner.port) ?? owner;
  const isBack = async () => (await cluster.ownerOf(CONTROL_KEY, asked)).port === owner.port;
  await within(10_000, isBack, 'the former master in the place of the frozen one');
  const reads = async () => (await client.get(CONTROL_KEY)) === 'here';
  await within(10_000, reads, 'the key through the client');
});
