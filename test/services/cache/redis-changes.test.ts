import { EventEmitter } from 'node:events';
import { Cluster, type Redis } from 'ioredis';
import t from 'tap';
import { Breaker } from '../../../services/breaker.js';
import { redisBreaker } from '../../../services/cache/redis-breaker.js';
import { onRedisChange } from '../../../services/cache/redis-changes.js';
import { ManualClock } from '../../helpers/manual-clock.js';

/** A Cluster that is asked nothing: its masters are what the test says. */
function clusterOf(...ports: number[]) {
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
  const told = { ports };
  cluster.nodes = () => told.ports.map((port) => ({ options: { host: 'a', port } }) as Redis);
  return { cluster, told };
}

t.test('a new connection is a change, until nobody wants to know', async (t) => {
  const client = new EventEmitter() as Redis;
  let changesCount = 0;
  const stop = onRedisChange(client, () => changesCount++);
  client.emit('ready');
  t.equal(changesCount, 1);
  stop();
  client.emit('ready');
  t.equal(changesCount, 1);
  t.equal(client.listenerCount('refresh'), 0);
});

t.test('a Cluster whose slots are asked for: only another master is a change', async (t) => {
  const { cluster, told } = clusterOf(1, 2);
  let changesCount = 0;
  onRedisChange(cluster, () => changesCount++);
  cluster.emit('refresh');
  told.ports = [2, 1];
  cluster.emit('refresh');
  t.equal(changesCount, 0, 'the same in another order');
  told.ports = [1, 3];
  cluster.emit('refresh');
  cluster.emit('refresh');
  t.equal(changesCount, 1);
});

t.test('the breaker of layer two probes at once when another master is there', async (t) => {
  const clock = new ManualClock();
  const { cluster, told } = clusterOf(1, 2);
  const moves: boolean[] = [];
  const breaker = redisBreaker(cluster, { clock, moved: (isOpen) => moves.push(isOpen) });
  t.ok(redisBreaker(cluster, { clock }) instanceof Breaker);
  for (let i = 0; i < 5; i++) breaker.enter()?.failed();
  t.equal(breaker.enter(), null);
  told.ports = [1, 3];
  cluster.emit('refresh');
  breaker.enter()?.answered();
  t.same(moves, [true, false]);
});
