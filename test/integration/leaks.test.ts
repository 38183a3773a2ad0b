import t from 'tap';
import { startNginx, startVarnish } from '../helpers/http-proxies.js';
import { replayOf, SeededRandom, testSeed } from '../helpers/seeded-random.js';
import { huntLeaks } from './support/leak-hunt.js';
import { leakWorld } from './support/leak-world.js';

/** `npm run bench:leaks` sends as many as one likes. */
const REQUESTS_COUNT = 5000;

t.test(
  'given twenty tenants, hostile questions, three processes and caching proxies, nobody sees another’s data',
  async (t) => {
    const upstreams = await leakWorld(t, 3);
    const nginx = await startNginx(t, { upstreams });
    const varnish = await startVarnish(t, { upstreams });
    const seed = testSeed();
    t.comment(replayOf(seed));
    const { leaks, statuses } = await huntLeaks({
      targets: [...upstreams, nginx.url, varnish.url],
      service: upstreams[0] ?? '',
      requestsCount: REQUESTS_COUNT,
      random: new SeededRandom(seed),
    });
    t.same(leaks.slice(0, 5), []);
    const told = `${[...statuses]
      .sort()
      .map(([status, count]) => `${count} x ${status}`)
      .join(', ')}`;
    for (const status of [200, 304, 400, 403]) t.ok((statuses.get(status) ?? 0) > 50, told);
    t.notOk(
      [...statuses.keys()].some((status) => status >= 500),
      told,
    );

    await t.test('control: a proxy that keeps what is private is found out', async (t) => {
      const careless = await startNginx(t, { upstreams, isCareless: true });
      const found = await huntLeaks({
        targets: [careless.url],
        service: upstreams[0] ?? '',
        requestsCount: 500,
        random: new SeededRandom(seed),
      });
      t.ok(found.leaks.length > 0);
    });
  },
);
