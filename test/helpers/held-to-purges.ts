import type { Test } from 'tap';
import { PLACES, type Replica, SELECTIONS, staleFillTrials, type Trials } from './stale-fill-trials.js';

type World = Pick<Trials, 'database'> & { readonly replicas: readonly Replica[] };

/**
 * No load that has read old data gives them to anybody after a purge, by whatever selection and from whichever process; where
 * processes compare no generations, the same trials find old answers.
 */
export async function heldToPurges(
  t: Test,
  { compared, uncompared }: { compared: World; uncompared: World },
  counts: Pick<Trials, 'trialsCount' | 'lanesCount'>,
): Promise<void> {
  for (const by of SELECTIONS)
    for (const at of PLACES) {
      const { countedCount, oldCount } = await staleFillTrials({ ...compared, ...counts, by, at });
      t.equal(countedCount, counts.trialsCount, `by ${by}, in the ${at} process: so many loads were held`);
      t.equal(oldCount, 0, `by ${by}, in the ${at} process: no old answer`);
      const control = await staleFillTrials({ ...uncompared, ...counts, by, at });
      t.ok(
        control.oldCount > 0,
        `without the comparison: ${control.oldCount} of ${control.readsCount} are old`,
      );
    }
}
