import { Redis } from 'ioredis';
import t from 'tap';
import { askRedis } from './ask-redis.js';
import { cacheRedis } from './cache-redis.js';
import { startSentinel } from './redis-sentinel.js';
import { LIMITED_USER } from './redis-server.js';
import { within } from './within.js';

t.test(
  'given an ordered failover, a client of the sentinels finds the new master and its data',
  async (t) => {
    const startMs = performance.now();
    const topology = await startSentinel();
    t.teardown(() => topology.stop());
    t.comment(`started in ${Math.round(performance.now() - startMs)} ms`);
    const client = new Redis({ sentinels: [...topology.sentinels], name: topology.name });
    client.on('error', () => {});
    t.teardown(() => client.disconnect());
    await client.set('dc:a', '1');
    await client.wait(1, 1000);

    const former = await topology.master();
    const master = await topology.failover();
    t.not(master.port, former.port);
    t.equal(await askRedis(master.port, 'GET', 'dc:a'), '1');
    // The former master may take writes, and lose them, for a moment yet.
    const arrives = async () => {
      await client.set('dc:b', '2');
      return (await askRedis(master.port, 'GET', 'dc:b')) === '2';
    };
    await within(10_000, arrives, 'a write through the sentinels');
  },
);

t.test(
  'given a frozen master, the sentinels name another; without its replica it refuses writes',
  async (t) => {
    const topology = await startSentinel({ needsReplica: true });
    t.teardown(() => topology.stop());
    const frozen = await topology.freezeMaster();
    const master = await topology.masterAfter(frozen);
    t.not(master.port, frozen.port);
    const refuses = () =>
      askRedis(master.port, 'SET', 'dc:a', '1').then(
        () => false,
        (error: Error) => error.message.startsWith('NOREPLICAS'),
      );
    await within(5000, refuses, 'a write refused for want of a replica');
    frozen.thaw();
    const takes = async () => (await askRedis(master.port, 'SET', 'dc:a', '1')) === 'OK';
    await within(15_000, takes, 'a write when the former master follows');
    t.match(String(await askRedis(frozen.port, 'INFO', 'replication')), 'role:slave');
  },
);

t.test(
  'given a split, both masters take writes, and the one without a replica soon refuses them',
  async (t) => {
    const topology = await startSentinel({ user: LIMITED_USER, needsReplica: true, replicasCount: 2 });
    t.teardown(() => topology.stop());
    const former = await topology.master();
    topology.lineOf(former).blackhole();
    const startMs = performance.now();
    const beside = await cacheRedis(t, former.url);
    t.equal(await beside.set('dc:a', 'lost'), 'OK', 'nothing has been noticed yet');
    const refuses = () =>
      beside.set('dc:a', 'lost').then(
        () => false,
        (error: Error) => error.message.startsWith('NOREPLICAS'),
      );
    await within(6000, refuses, 'a write refused by the former master');
    t.comment(`refused after ${Math.round(performance.now() - startMs)} ms`);
    const master = await topology.masterAfter(former);
    await within(
      10_000,
      async () => (await askRedis(master.port, 'SET', 'dc:a', 'kept')) === 'OK',
      'a write',
    );
    t.equal(await beside.get('dc:a'), 'lost');

    await topology.lineOf(former).heal();
    await within(15_000, async () => (await beside.get('dc:a')) === 'kept', 'one truth after the split');
  },
);
