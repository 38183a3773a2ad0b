// How long an invalidation takes until all replicas serve what is new, while they hear little or nothing: `npm run bench:deaf-bus`.
import { withLifetime } from '../test/helpers/lifetime.js';
import { type BusFigures, BusWorld } from './deaf-bus-rounds.js';

const HEARD_COUNT = 300;
const KILLED_COUNT = 2000;
const BLACKHOLED_COUNT = 500;
const CONTROLS_COUNT = 12;

function write(name: string, figures: BusFigures, more = ''): void {
  const { invalidationsCount, medianMs, slowestMs, lateCount, oldReadsCount, unprovenCount } = figures;
  process.stdout.write(
    `${name.padEnd(12)}  ${invalidationsCount} invalidations: half of them within ${medianMs} ms, all within ${slowestMs} ms, ` +
      `${lateCount} later than 2 s, ${oldReadsCount} old reads after an acknowledged purge, ${unprovenCount} unproven${more}\n`,
  );
}

await withLifetime(async (lifetime) => {
  const world = await BusWorld.start(lifetime);
  const heard = await world.invalidations(HEARD_COUNT);
  write('heard', heard);
  const { killedCount, result: killed } = await world.whileKilled(() => world.invalidations(KILLED_COUNT));
  write('killed', killed, `, ${killedCount} subscriptions killed`);
  await world.blackhole();
  const blackholed = await world.invalidations(BLACKHOLED_COUNT);
  write('blackholed', blackholed);
  const controls = await world.controls(CONTROLS_COUNT);
  write('frozen looks', controls);
  const areMet = [heard, killed, blackholed].every((one) => one.lateCount === 0 && one.oldReadsCount === 0);
  const isControlMet = controls.lateCount === CONTROLS_COUNT;
  process.exitCode = areMet && isControlMet && killedCount > 0 ? 0 : 1;
});
