import t, { type Test } from 'tap';
import { CHECKS } from '../../../../services/doctor/checks.js';
import { type Gathered, known, unknown } from '../../../../services/doctor/facts.js';
import { lookAtRedis } from '../../../../services/doctor/redis/look-at-redis.js';
import { runChecks } from '../../../../services/doctor/run-checks.js';
import { askRedis } from '../../../helpers/ask-redis.js';
import { documentedUser } from '../../../helpers/documented-user.js';
import { startFaultProxy } from '../../../helpers/fault-proxy.js';
import { freePort } from '../../../helpers/free-port.js';
import { type RedisOptions, type RedisServer, startRedis } from '../../../helpers/redis-server.js';
import { goodFacts } from '../support/good-facts.js';

const LIMIT = ['maxmemory 200mb', 'maxmemory-policy volatile-lru'];

async function server(t: Test, options: RedisOptions = {}): Promise<RedisServer> {
  const redis = await startRedis({ user: documentedUser(), lines: LIMIT, ...options });
  t.teardown(() => redis.stop());
  return redis;
}

/** What the checks of Redis say of the one behind this address; the rest of the world is as good as ever. */
async function examined(t: Test, url: string) {
  const { reach, seen } = await lookAtRedis({ kind: 'single', url }, { prefix: 'dc:' });
  const facts: Gathered = {
    ...(await goodFacts(t)),
    // Nobody serves with this Redis.
    statistics: unknown('there is no service'),
    redisReach: known(reach),
    redis: seen === null ? unknown('it does not answer') : known(seen),
  };
  const { findings } = runChecks(
    CHECKS.filter(({ group }) => group === 'redis'),
    facts,
  );
  return { findings, found: findings.map(({ check }) => check), seen };
}

t.test(
  'a Redis as docs/redis.md wants it, asked as its user: nothing is found, and nothing is left there',
  async (t) => {
    const redis = await server(t);
    const { findings, seen } = await examined(t, redis.url);
    t.same(findings, []);
    t.equal(seen?.nodes.length, 1);
    t.equal(await askRedis(redis.adminUrl, 'DBSIZE'), 0);
  },
);

t.test('what is set badly is found by what the server says of itself', async (t) => {
  const bad: readonly (readonly [id: string, lines: readonly string[]])[] = [
    ['redis-eviction-policy', ['maxmemory 200mb', 'maxmemory-policy allkeys-lru']],
    ['redis-maxmemory', ['maxmemory 60mb', 'maxmemory-policy noeviction']],
    ['redis-maxmemory', ['maxmemory 0', 'maxmemory-policy noeviction']],
    ['redis-memory-full', ['maxmemory 1mb', 'maxmemory-policy volatile-lru']],
  ];
  for (const [id, lines] of bad) {
    const { found } = await examined(t, (await server(t, { lines })).url);
    t.ok(found.includes(id), `${id} with ${lines.join(', ')}`);
  }
});

t.test('a right that is missing is named, and one that is too much', async (t) => {
  const user = documentedUser();
  const rules = user.rules.filter((rule) => rule !== '+xadd' && rule !== '+hset');
  const lacking = await examined(t, (await server(t, { user: { ...user, rules } })).url);
  t.match(lacking.findings, [{ check: 'redis-rights', severity: 'error', evidence: /HSET, XADD$/ }]);

  const deaf = user.rules.filter((rule) => !rule.startsWith('&'));
  const unheard = await examined(t, (await server(t, { user: { ...user, rules: deaf } })).url);
  t.match(unheard.findings, [{ check: 'redis-rights', severity: 'warning', evidence: /PUBLISH$/ }]);

  const elsewhere = user.rules.map((rule) => (rule === '~dc:*' ? '~other:*' : rule));
  const foreign = await examined(t, (await server(t, { user: { ...user, rules: elsewhere } })).url);
  t.match(foreign.found, ['redis-rights'], 'all rights, but on keys of another prefix');

  const admin = await server(t);
  const wide = await examined(t, admin.adminUrl);
  t.match(wide.findings, [{ check: 'redis-rights-wide', severity: 'note', evidence: /CONFIG, KEYS, ACL$/ }]);
});

t.test('one that does not answer, or refuses the password, is told apart', async (t) => {
  const away = await examined(t, `redis://127.0.0.1:${await freePort()}`);
  t.match(away.findings, [{ check: 'redis-ping', evidence: /ECONNREFUSED/ }]);
  const redis = await server(t);
  const wrong = await examined(t, redis.url.replace(/:[^:@]*@/, ':wrong@'));
  t.match(wrong.findings, [{ check: 'redis-ping', evidence: /refuses the user or the password.*WRONGPASS/ }]);
});

t.test('a slow way to it is found, and not a quick one', async (t) => {
  const redis = await server(t);
  const proxy = await startFaultProxy({ targetPort: redis.port });
  t.teardown(() => proxy.stop());
  proxy.delay(15, 'down');
  const { findings } = await examined(t, proxy.through(redis.url));
  t.match(findings, [{ check: 'redis-latency', evidence: /PING took \d/ }]);
});

t.test('an address that leads to a replica is found', async (t) => {
  const master = await server(t);
  const replica = await server(t, { lines: [...LIMIT, `replicaof 127.0.0.1 ${master.port}`] });
  const { found } = await examined(t, replica.url);
  t.ok(found.includes('redis-replica'), found.join());
});

t.test('what it evicts by itself is found', async (t) => {
  const redis = await server(t, { lines: ['maxmemory 3mb', 'maxmemory-policy volatile-lru'] });
  for (let i = 0; i < 60; i++)
    await askRedis(redis.adminUrl, 'SET', `filler:${i}`, 'x'.repeat(100_000), 'EX', '600');
  const { found } = await examined(t, redis.url);
  t.ok(found.includes('redis-evictions'), found.join());
});
