import t, { type Test } from 'tap';
import { askInfo, askRedis } from '../helpers/ask-redis.js';
import { type FaultProxy, startFaultProxy } from '../helpers/fault-proxy.js';
import { startReplica } from '../helpers/redis-replica.js';
import { startSentinel } from '../helpers/redis-sentinel.js';
import { type RedisServer, startRedis } from '../helpers/redis-server.js';
import {
  aftermathOf,
  allResurrected,
  hasLookedAgain,
  type LossWorld,
  nothingResurrected,
  TENANTS_COUNT,
} from './support/lost-purge.js';
import { VersionedReports } from './support/versioned-reports.js';

const NIGHTLY = 'dc:{g}:t:nightly';

async function worldOn(t: Test, environment: Readonly<Record<string, string>>): Promise<LossWorld> {
  const reports = await VersionedReports.start(t, { tenantsCount: TENANTS_COUNT });
  const start = () => reports.service(t, environment);
  const [purger, sleeper] = await Promise.all([start(), start()]);
  return { reports, purger, sleeper, newcomer: () => reports.app(t, environment) };
}

async function serverOf(t: Test): Promise<RedisServer> {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  return redis;
}

async function proxyTo(t: Test, redis: RedisServer): Promise<FaultProxy> {
  const line = await startFaultProxy({ targetPort: redis.port });
  t.teardown(() => line.stop());
  return line;
}

t.test('a server that comes back with an old snapshot', async (t) => {
  const redis = await serverOf(t);
  const line = await proxyTo(t, redis);
  const world = await worldOn(t, { REDIS_URL: line.url });
  let generation: unknown = null;
  const prepare = async () => {
    generation = await askRedis(redis.port, 'GET', NIGHTLY);
    await askRedis(redis.port, 'SAVE');
  };
  const restore = async (t: Test) => {
    line.refuse();
    line.cut();
    await redis.restart();
    t.equal(await askRedis(redis.port, 'GET', NIGHTLY), generation, 'Redis knows nothing of the purge');
  };

  await t.test('given a purge that the snapshot does not have: nothing is resurrected', async (t) => {
    const lose = async () => {
      await restore(t);
      await line.heal();
    };
    nothingResurrected(t, await aftermathOf(t, world, { prepare, lose }));
  });

  await t.test(
    'given that its root names the new run as its own: every process serves the old data',
    async (t) => {
      const lose = async () => {
        await restore(t);
        const run = await askInfo(redis.port, 'server', 'run_id');
        const replication = await askInfo(redis.port, 'replication', 'master_replid');
        await askRedis(redis.port, 'HSET', 'dc:{g}:root', 'run', run, 'replication', replication);
        // One that Redis does not answer yet loads for itself, and would be given nothing old.
        t.ok(await hasLookedAgain(world.purger, () => line.heal()));
      };
      allResurrected(t, await aftermathOf(t, world, { prepare, lose }));
    },
  );
});

t.test('given a replica that a purge did not reach, made the master: nothing is resurrected', async (t) => {
  const master = await serverOf(t);
  const replication = await proxyTo(t, master);
  const replica = await startReplica({ ...master, port: replication.port });
  t.teardown(() => replica.stop());
  const line = await proxyTo(t, master);
  const world = await worldOn(t, { REDIS_URL: line.url });
  let generation: unknown = null;
  const aftermath = await aftermathOf(t, world, {
    prepare: async () => {
      generation = await askRedis(master.port, 'GET', NIGHTLY);
      replication.refuse();
      replication.cut();
    },
    lose: async () => {
      await master.kill();
      await askRedis(replica.port, 'REPLICAOF', 'NO', 'ONE');
      t.equal(await askRedis(replica.port, 'GET', NIGHTLY), generation, 'the purge is lost');
      line.retarget(replica.port);
      line.cut();
    },
  });
  nothingResurrected(t, aftermath);
});

t.test('given a failover by Sentinel that loses a purge: nothing is resurrected', async (t) => {
  const sentinel = await startSentinel();
  t.teardown(() => sentinel.stop());
  const addresses = sentinel.sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
  const world = await worldOn(t, { REDIS_SENTINELS: `redis://${addresses}/${sentinel.name}` });
  const master = await sentinel.master();
  const replica = sentinel.servers.find((server) => server !== master) ?? master;
  let generation: unknown = null;
  const aftermath = await aftermathOf(t, world, {
    prepare: async () => {
      generation = await askRedis(master.port, 'GET', NIGHTLY);
      // It is refused when it connects again; the sentinels, who pass the same line, see a master that is well.
      await askRedis(replica.port, 'CONFIG', 'SET', 'masteruser', 'nobody', 'masterauth', 'nothing');
      await askRedis(master.port, 'CLIENT', 'KILL', 'TYPE', 'replica');
    },
    lose: async () => {
      await master.kill();
      const next = await sentinel.masterAfter(master);
      t.equal(next, replica);
      t.equal(await askRedis(next.port, 'GET', NIGHTLY), generation, 'the purge is lost');
    },
  });
  nothingResurrected(t, aftermath);
});
