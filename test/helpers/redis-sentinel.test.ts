import { Redis } from 'ioredis';
import t from 'tap';
import { askRedis } from './ask-redis.js';
import { startSentinel } from './redis-sentinel.js';
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
