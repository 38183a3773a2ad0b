import t from 'tap';
import { startPanelWorld } from '../helpers/panel-world.js';
import { startRedis } from '../helpers/redis-server.js';
import { PLACES, SELECTIONS, staleFillTrials } from '../helpers/stale-fill-trials.js';

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
  for (const by of SELECTIONS)
    for (const at of PLACES) {
      const trials = { by, at, trialsCount: TRIALS_COUNT, lanesCount: LANES_COUNT };
      const { countedCount, oldCount } = await staleFillTrials({ ...compared, ...trials });
      t.equal(countedCount, TRIALS_COUNT, `by ${by}, in the ${at} process: so many loads were held`);
      t.equal(oldCount, 0, `by ${by}, in the ${at} process: no old answer`);
      const control = await staleFillTrials({ ...uncompared, ...trials });
      t.ok(
        control.oldCount > 0,
        `without the comparison: ${control.oldCount} of ${control.readsCount} are old`,
      );
    }
});
