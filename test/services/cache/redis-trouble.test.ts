import t, { type Test } from 'tap';
import { closeRedisClient, openRedisClient } from '../../../services/cache/redis-client.js';
import type { RedisTopology } from '../../../services/cache/redis-topology.js';
import { redisTrouble } from '../../../services/cache/redis-trouble.js';
import { until } from '../../helpers/cache-redis.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { startCluster } from '../../helpers/redis-cluster.js';
import { startSentinel } from '../../helpers/redis-sentinel.js';
import { startRedis } from '../../helpers/redis-server.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { makeTestCertificates } from '../../helpers/test-certificates.js';

const RIGHT = { username: null, password: 'right /@ password' };
const WRONG = { username: null, password: 'a wrong one' };
const NOBODY = { username: null, password: null };
const tls = makeTestCertificates(tempFolder(t));

const { password } = RIGHT;
const [single, sentinel, cluster] = await Promise.all([
  startRedis({ password, ...(tls ? { tls } : {}) }),
  startSentinel({ password, sentinelPassword: password, ...(tls ? { tls } : {}) }),
  startCluster({ password, ...(tls ? { tls } : {}) }),
]);
t.teardown(() => Promise.all([single.stop(), sentinel.stop(), cluster.stop()]));

const plainSingle = await startRedis({ password });
t.teardown(() => plainSingle.stop());
const plainSentinel = await startSentinel({ password, sentinelPassword: password });
t.teardown(() => plainSentinel.stop());
const { name } = plainSentinel;
const plainCluster = await startCluster({ password });
t.teardown(() => plainCluster.stop());

const ofSentinel = {
  kind: 'sentinel',
  sentinels: plainSentinel.sentinels,
  name,
  database: 0,
  login: RIGHT,
  sentinelLogin: RIGHT,
  isTls: false,
} as const;
const ofCluster = { kind: 'cluster', nodes: plainCluster.nodes, login: RIGHT, isTls: false } as const;
const port = `127.0.0.1:${plainSingle.port}`;

const LOGIN = /^Redis refuses the user or the password: .*; serving from memory and sources$/;
const SENTINELS = /^The sentinels refuse the user or the password: check sentinel_username/;
const CERTIFICATE = /^The certificate of Redis is not accepted: NODE_EXTRA_CA_CERTS/;

const CASES: readonly (readonly [title: string, topology: RedisTopology, told: RegExp])[] = [
  ['one server, a wrong password', { kind: 'single', url: `redis://:wrong@${port}` }, LOGIN],
  ['one server, no password', { kind: 'single', url: `redis://${port}` }, LOGIN],
  ['Sentinel, a wrong password of the servers', { ...ofSentinel, login: WRONG }, LOGIN],
  ['Sentinel, a wrong password of the sentinels', { ...ofSentinel, sentinelLogin: WRONG }, SENTINELS],
  ['Sentinel, no password of the sentinels', { ...ofSentinel, sentinelLogin: NOBODY }, SENTINELS],
  ['Sentinel, a master that nobody knows', { ...ofSentinel, name: 'other' }, /^The sentinels know no master/],
  ['Cluster, a wrong password', { ...ofCluster, login: WRONG }, LOGIN],
  ['Cluster, no password', { ...ofCluster, login: NOBODY }, LOGIN],
  [
    'Cluster, which is one server',
    { ...ofCluster, nodes: [{ host: '127.0.0.1', port: plainSingle.port }] },
    /^What is there is no Redis Cluster/,
  ],
];

const IN_TLS: typeof CASES = [
  ['one server, a certificate that nobody trusts', { kind: 'single', url: single.adminUrl }, CERTIFICATE],
  [
    'Sentinel, certificates that nobody trusts',
    { ...ofSentinel, sentinels: sentinel.sentinels, isTls: true },
    CERTIFICATE,
  ],
  [
    'Cluster, certificates that nobody trusts',
    { ...ofCluster, nodes: cluster.nodes, isTls: true },
    CERTIFICATE,
  ],
];

async function toldOf(t: Test, topology: RedisTopology): Promise<string[]> {
  const log = new RecordingLog();
  const client = openRedisClient(topology, log);
  t.teardown(() => closeRedisClient(client));
  let failuresCount = 0;
  client.on('error', () => failuresCount++);
  const isOver = () => failuresCount >= 3 || client.status === 'ready';
  await until(() => isOver() && log.lines.length > 0, 'three attempts, or one that works');
  t.notMatch(JSON.stringify(log.lines), /wrong one|right \//, 'no password is told');
  return log.lines.map(({ message }) => message);
}

for (const [title, topology, told] of tls ? [...CASES, ...IN_TLS] : CASES)
  t.test(`${title}: the log says what is wrong and what to do, once`, async (t) => {
    const messages = await toldOf(t, topology);
    t.equal(messages.length, 1);
    t.match(messages[0], told);
  });

t.test('right passwords: nothing is told but that Redis answers', async (t) => {
  for (const topology of [ofSentinel, ofCluster]) t.same(await toldOf(t, topology), ['Redis answers']);
});

t.test('that all sentinels have been asked in turn is no trouble; what they said is', async (t) => {
  const round = 'All sentinels are unreachable. Retrying from scratch after 50ms.';
  t.equal(redisTrouble(new Error(round)), null);
  t.same(redisTrouble(new Error(`${round} Last error: connect ECONNREFUSED 127.0.0.1:1`)), {
    reason: 'connect ECONNREFUSED 127.0.0.1:1',
    message: 'Redis does not answer; serving from memory and sources',
  });
});
