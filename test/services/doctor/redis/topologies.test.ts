import t, { type Test } from 'tap';
import { redisTopologyOf } from '../../../../config/redis-topology.js';
import { loadConfig } from '../../../../config.js';
import { CHECKS } from '../../../../services/doctor/checks.js';
import { type Gathered, known, unknown } from '../../../../services/doctor/facts.js';
import { lookAtRedis } from '../../../../services/doctor/redis/look-at-redis.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import { TOPOLOGIES } from '../../../integration/support/topologies.js';
import { goodFacts } from '../support/good-facts.js';

async function examined(t: Test, environment: Readonly<Record<string, string>>) {
  const topology = redisTopologyOf(loadConfig(environment));
  if (topology === null) throw new Error('There is no Redis');
  const { reach, seen } = await lookAtRedis(topology, { prefix: 'dc:' });
  const facts: Gathered = {
    ...(await goodFacts(t)),
    statistics: unknown('there is no service'),
    redisReach: known(reach),
    redis: seen === null ? unknown('it does not answer') : known(seen),
  };
  const { findings } = runChecks(
    CHECKS.filter(({ id }) => /^redis-(ping|rights|replica|replication)$/.test(id)),
    facts,
  );
  return { seen, findings };
}

t.test(
  'behind sentinels the master is looked at, and that it believes itself when cut off is found',
  async (t) => {
    const redis = await TOPOLOGIES.Sentinel();
    t.teardown(() => redis.stop());
    const { seen, findings } = await examined(t, redis.environment);
    t.match(seen, { kind: 'sentinel', nodes: { length: 1 }, rights: { refused: [] } });
    t.match(findings, [{ check: 'redis-replication', evidence: /min-replicas-to-write is not set/ }]);
  },
);

t.test('of a Cluster every master is looked at, and one without a replica is found', async (t) => {
  const redis = await TOPOLOGIES.Cluster();
  t.teardown(() => redis.stop());
  const { seen, findings } = await examined(t, redis.environment);
  t.match(seen, { kind: 'cluster', nodes: { length: 3 }, rights: { refused: [] } });
  t.match(
    findings,
    Array.from({ length: 3 }, () => ({ evidence: /:\d+ has no replica/ })),
  );
});
