import t from 'tap';
import { describeConfig } from '../../config/describe-config.js';
import { loadConfig } from '../../config.js';

t.test('the address of a secret keeps host and database, but neither user nor password nor query', (t) => {
  const config = loadConfig({
    REDIS_URL: 'redis://ann:hunter2@redis.example:7000/2',
    DATABASE_URL: 'postgres://bob:hunter3@db.example/ops?password=hunter4',
  });
  const described = describeConfig(config);
  t.match(described, {
    REDIS_URL: 'redis://redis.example:7000/2',
    DATABASE_URL: 'postgres://db.example/ops',
  });
  t.notMatch(JSON.stringify(described), /ann|bob|hunter/);
  t.end();
});

t.test('a secret that is no address only says that it is set', (t) => {
  for (const secret of ['host=db password=hunter2', 'opaque:hunter2']) {
    t.equal(describeConfig(loadConfig({ DATABASE_URL: secret }))['DATABASE_URL'], '(set)');
  }
  t.end();
});

t.test(
  'sentinels and nodes of a Cluster, whose addresses hold a password, only say that they are set',
  (t) => {
    for (const [variable, text] of [
      ['REDIS_SENTINELS', 'redis://ann:hunter2@a:26379,b:26379/main?sentinel_password=hunter3'],
      ['REDIS_SENTINELS', ':hunter2@a/main'],
      ['REDIS_CLUSTER', 'rediss://ann:hunter2@a:7000,b:7000'],
      ['REDIS_CLUSTER', 'ann:hunter2@a'],
    ] as const)
      t.equal(describeConfig(loadConfig({ [variable]: text }))[variable], '(set)', text);
    t.end();
  },
);

t.test('everything else stands as it would be written, unset is null', (t) => {
  t.match(describeConfig(loadConfig({ METRICS_TIMEOUT: '30' })), {
    METRICS_TIMEOUT: '30',
    PORT: '8000',
    REDIS_URL: null,
    LOG_FILE: null,
  });
  t.end();
});
