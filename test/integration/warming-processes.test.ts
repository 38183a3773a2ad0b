import t from 'tap';
import { ask } from './support/ask.js';
import { until } from './support/until.js';
import { loadsOf, PATHS, REGIONS, warmings, warmingWorld } from './support/warming-world.js';

t.test('of two processes exactly one warms after a deploy, and reads of both hit', async (t) => {
  const { upstream, barrier, start } = await warmingWorld(t);
  const services = await Promise.all([start(), start()]);
  await barrier.arrived();
  barrier.open();
  const told = async () => (await Promise.all(services.map(warmings))).flat();
  t.ok(await until(async () => (await told()).length > 0));
  t.equal(upstream.asked.length, PATHS.length);
  t.same((await Promise.all(services.map(loadsOf))).toSorted(), [0, PATHS.length], 'all by the same one');
  for (const { url } of services)
    for (const region of REGIONS)
      t.match((await ask(`${url}/dashboards/reports?region=${region}`)).cacheStatus, 'hit');
  const late = await start();
  t.equal(await loadsOf(late), 0);
  t.match(await told(), [{ trigger: 'deploy', panels: PATHS.length, hits: PATHS.length, failed: 0 }], 'once');
});

t.test('given that the holder is killed, the other goes on where it was', async (t) => {
  const { upstream, barrier, start } = await warmingWorld(t);
  const holder = await start();
  for (let each = 1; each <= 3; each++) {
    await barrier.arrived(each);
    barrier.letOne();
  }
  await barrier.arrived(4);
  const standby = await start();
  t.equal(upstream.asked.length, 4, 'while the holder lives nobody else begins');
  t.same(await warmings(standby), []);
  holder.signal('SIGKILL');
  await holder.ended;
  t.equal(upstream.asked.length, 4);
  barrier.open();
  t.ok(await until(async () => (await warmings(standby)).length === 1, { withinMs: 30_000 }));
  t.match(await warmings(standby), [
    { panels: PATHS.length, fresh: 3, loaded: 5, hits: PATHS.length, failed: 0 },
  ]);
});

t.test('given a holder that stops in order, the other goes on at once', async (t) => {
  const { barrier, start } = await warmingWorld(t);
  const holder = await start();
  await barrier.arrived();
  const standby = await start();
  const stopped = holder.stop();
  await barrier.arrived(2);
  barrier.open();
  t.equal(await stopped, 0);
  t.ok(await until(async () => (await warmings(standby)).length === 1));
  t.match(await warmings(standby), [{ hits: PATHS.length }]);
});
