import t from 'tap';
import { heldToPurges } from '../helpers/held-to-purges.js';
import { startPanelWorld } from '../helpers/panel-world.js';
import { startRedis } from '../helpers/redis-server.js';

/** Of each selection and place; `npm run bench:stale-fill` makes a hundred thousand in all. */
const TRIALS_COUNT = 60;
const LANES_COUNT = 20;

t.test('given loads in three processes that read old data, nobody is given them after a purge', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const start = (processesCount: number, isUncompared: boolean) =>
    startPanelWorld({ redisUrl: redis.url, processesCount, isUncompared });
  const [compared, uncompared] = await Promise.all([start(3, false), start(2, true)]);
  t.teardown(() => {
    compared.stop();
    uncompared.stop();
  });
  const counts = { trialsCount: TRIALS_COUNT, lanesCount: LANES_COUNT };
  await heldToPurges(t, { compared, uncompared }, counts);
});
