import t from 'tap';
import { heldToPurges } from '../helpers/held-to-purges.js';
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
      const counts = { trialsCount: TRIALS_COUNT, lanesCount: LANES_COUNT };
      await heldToPurges(t, { compared, uncompared }, counts);
    },
  );
