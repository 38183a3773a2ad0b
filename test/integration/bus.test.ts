import t, { type Test } from 'tap';
import { type BusFigures, BusWorld } from '../../bench/deaf-bus-rounds.js';
import { askRedis } from '../helpers/ask-redis.js';
import { documentedUser } from '../helpers/documented-user.js';

// In brief what `npm run bench:deaf-bus` does in full.

function checked(t: Test, what: string, figures: BusFigures): BusFigures {
  const { medianMs, slowestMs, unprovenCount } = figures;
  t.comment(`${what}: median ${medianMs} ms, slowest ${slowestMs} ms, ${unprovenCount} unproven`);
  t.equal(figures.lateCount, 0, `${what}: on all replicas within 2 s`);
  t.equal(figures.oldReadsCount, 0, `${what}: nothing old after the acknowledgement of a purge`);
  return figures;
}

t.test('three real processes: the bus is killed again and again, heard, silent, and refused', async (t) => {
  const world = await BusWorld.start(t, { user: documentedUser() });
  const { killedCount, result: killed } = await world.whileKilled(() => world.invalidations(100));
  checked(t, `killed ${killedCount} times`, killed);
  t.ok(killedCount >= 3);

  // One after the other: what one process hears of another must not be what a third has just made it look for.
  const heard = checked(t, 'heard', await world.invalidations(15, { keysCount: 1 }));
  await world.blackhole();
  const silent = checked(t, 'silent', await world.invalidations(15, { keysCount: 1 }));
  t.ok(heard.medianMs < silent.medianMs, 'the negative control: it is the bus that makes it quick');

  await Promise.all(world.lines.map((line) => line.heal()));
  const { port } = world.replicas.redis;
  await askRedis(port, 'ACL', 'SETUSER', documentedUser().name, 'resetchannels');
  checked(t, 'refused', await world.invalidations(15));

  const { invalidationsCount, lateCount } = await world.controls(6);
  t.equal(lateCount, invalidationsCount, 'the negative control: it is the looks that make it sure');
});
