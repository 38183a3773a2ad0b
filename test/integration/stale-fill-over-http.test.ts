import t from 'tap';
import { PLACES, SELECTIONS, staleFillTrials } from '../helpers/stale-fill-trials.js';
import { startStaleFillWorld } from './support/stale-fill-world.js';
import { TOPOLOGIES } from './support/topologies.js';

/** Of each selection and place; `npm run bench:stale-fill` makes thousands. */
const TRIALS_COUNT = 24;
const LANES_COUNT = 8;

for (const [name, startTopology] of Object.entries(TOPOLOGIES))
  t.test(
    `given loads under way that read old data, ${name}: nobody is given them after a purge`,
    async (t) => {
      const { environment, stop } = await startTopology();
      t.teardown(stop);
      const start = (isUncompared: boolean) =>
        startStaleFillWorld({ environment, replicasCount: 2, lanesCount: LANES_COUNT, isUncompared });
      const [compared, uncompared] = await Promise.all([start(false), start(true)]);
      t.teardown(() => Promise.all([compared.stop(), uncompared.stop()]));
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
    },
  );
