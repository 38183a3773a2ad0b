import { PassThrough } from 'node:stream';
import { Redis } from 'ioredis';
import t from 'tap';
import { quietSockets } from '../../../services/cache/quiet-sockets.js';
import { openRedisClient } from '../../../services/cache/redis-client.js';
import { cacheRedis } from '../../helpers/cache-redis.js';
import { RecordingLog } from '../../helpers/recording-log.js';
import { startRedis } from '../../helpers/redis-server.js';

const redis = await startRedis();
t.teardown(() => redis.stop());

t.test('given a socket with two errors, the first is told and the second ends nothing', async (t) => {
  // Without a listener of its own a second error of a stream throws (control).
  t.throws(() => new PassThrough().emit('error', new Error('second')), /second/);
  quietSockets();
  const client = await cacheRedis(t, redis.url);
  const told: string[] = [];
  client.on('error', ({ message }: Error) => told.push(message));
  const { stream } = client;
  t.equal(await client.ping(), 'PONG');
  stream.emit('error', new Error('first'));
  t.doesNotThrow(() => stream.emit('error', new Error('second')));
  t.same(told, ['first']);
});

t.test('given a client of the service, it is one of these', async (t) => {
  const client = openRedisClient({ kind: 'single', url: redis.url }, new RecordingLog());
  t.teardown(() => client.disconnect());
  await new Promise((resolve) => client.once('ready', resolve));
  t.ok(client instanceof Redis && client.stream.listenerCount('error') >= 2);
});
