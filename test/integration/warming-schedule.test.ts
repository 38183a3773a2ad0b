import t from 'tap';
import { fakeTime } from '../helpers/fake-time.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from './support/ask.js';
import { until } from './support/until.js';
import { loadsOf, PATHS, warmings, warmingWorld } from './support/warming-world.js';

/** Processes take some seconds to start. */
const BEFORE_MINUTE_SECOND = 50;

t.test(
  'when the minute of a schedule comes, exactly one of two processes warms; without a Redis each does',
  async (t) => {
    // By the clock of these processes the minute is over soon. One that starts too late for it takes the next.
    const environment = fakeTime(BEFORE_MINUTE_SECOND - new Date().getSeconds());
    const begin = 'schedule: "* * * * *"';
    const shared = await warmingWorld(t, { begin, environment });
    const alone = await warmingWorld(t, { begin, environment, isShared: false });
    const startPairs = [shared, alone].map(({ start }) => Promise.all([start(), start()]));
    const [together, apart] = await Promise.all(startPairs);
    t.same((await Promise.all([...(together ?? []), ...(apart ?? [])].map(warmings))).flat(), []);
    for (const { barrier } of [shared, alone]) barrier.open();
    const told = async (services: Service[] = []) => (await Promise.all(services.map(warmings))).flat();
    const isDone = async () => (await told(together)).length >= 1 && (await told(apart)).length >= 2;
    t.ok(await until(isDone, { withinMs: 100_000, everyMs: 200 }));

    const loading = (await told(together)).filter(({ loaded }) => loaded > 0);
    t.match(loading, [{ trigger: 'schedule', panels: PATHS.length, hits: PATHS.length, fresh: 0 }]);
    t.equal(loading.length, 1);
    t.equal(shared.upstream.asked.length, PATHS.length);
    t.same(
      (await Promise.all((together ?? []).map(loadsOf))).toSorted(),
      [0, PATHS.length],
      'by the same one',
    );
    for (const { url } of together ?? [])
      t.match((await ask(`${url}/dashboards/reports?region=west`)).cacheStatus, 'hit');
    t.equal(alone.upstream.asked.length, 2 * PATHS.length, 'control: nothing but the mark keeps the other');
    t.same(await Promise.all((apart ?? []).map(loadsOf)), [PATHS.length, PATHS.length]);
  },
);
