import { hostname } from 'node:os';
import t from 'tap';
import { feedGroup } from '../../../services/changes/feed-group.js';

const settings = { redisUrl: null, redisSentinels: null, redisCluster: null, redisPrefix: 'dc:' };

t.test('no Redis: nobody shares what is heard', async (t) => {
  t.equal(feedGroup(settings), null);
});

t.test('one Redis and prefix: one group, whatever the password', async (t) => {
  const group = feedGroup({ ...settings, redisUrl: 'redis://:old@cache:6379/0' });
  t.equal(feedGroup({ ...settings, redisUrl: 'redis://:new@cache:6379/0' }), group);
  t.not(feedGroup({ ...settings, redisUrl: 'redis://cache:6379/1' }), group);
  t.not(feedGroup({ ...settings, redisUrl: 'redis://cache:6379/0', redisPrefix: 'other:' }), group);
  t.notMatch(group, /old/);
});

t.test(
  'a Redis beside the process: a group of this host, as another host means another Redis by it',
  async (t) => {
    for (const redisUrl of ['redis://localhost:6379', 'redis://:p@127.0.0.1:6379', 'redis://[::1]:6379/2'])
      t.match(feedGroup({ ...settings, redisUrl }), hostname(), redisUrl);
    t.notMatch(feedGroup({ ...settings, redisUrl: 'redis://mylocalhost.example:6379' }), hostname());
  },
);
