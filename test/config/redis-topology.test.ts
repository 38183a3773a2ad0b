import t from 'tap';
import { clusterOf, redisTopologyOf, sentinelsOf } from '../../config/redis-topology.js';

const nobody = { username: null, password: null };
const unset = { redisUrl: null, redisSentinels: null, redisCluster: null };

t.test('sentinels: hosts with and without ports, and the name of the master', (t) => {
  const plain = {
    kind: 'sentinel',
    sentinels: [
      { host: 'a.example', port: 26_379 },
      { host: '10.0.0.1', port: 7000 },
      { host: '::1', port: 26_379 },
    ],
    name: 'main',
    database: 0,
    login: nobody,
    sentinelLogin: nobody,
    isTls: false,
  };
  for (const text of [
    'a.example,10.0.0.1:7000,[::1]/main',
    'redis://a.example, 10.0.0.1:7000 ,[::1]?name=main',
  ])
    t.same(sentinelsOf(text), plain, text);
  t.end();
});

t.test(
  'credentials: percent-encoded, those of Redis before the hosts, those of the sentinels behind',
  (t) => {
    t.match(sentinelsOf('rediss://us%40er:p%2Fa%3A@a/main?db=3&sentinel_username=s&sentinel_password=%26x'), {
      database: 3,
      login: { username: 'us@er', password: 'p/a:' },
      sentinelLogin: { username: 's', password: '&x' },
      isTls: true,
    });
    t.match(sentinelsOf(':secret@a/main'), { login: { username: null, password: 'secret' } });
    t.match(clusterOf('rediss://u:p@a:7000,b'), {
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      login: { username: 'u', password: 'p' },
      isTls: true,
    });
    t.end();
  },
);

t.test('the Redis of the settings: whichever is set, or none', (t) => {
  t.equal(redisTopologyOf(unset), null);
  t.same(redisTopologyOf({ ...unset, redisUrl: 'redis://a' }), { kind: 'single', url: 'redis://a' });
  t.match(redisTopologyOf({ ...unset, redisSentinels: 'a/main' }), { kind: 'sentinel' });
  t.match(redisTopologyOf({ ...unset, redisCluster: 'a' }), { kind: 'cluster' });
  t.end();
});
