import t from 'tap';
import { liveReader } from './support/live-reader.js';
import { watchedShop } from './support/watched-shop.js';

const METRICS = ['panel', 'metrics'] as const;
const COMMITS_COUNT = 5;

t.test('a commit reaches the readers of every process, and of its own tenant alone', async (t) => {
  const { server, services } = await watchedShop(t, { feed: 'notify' });
  const live = (site: number) =>
    Promise.all(services.map(({ url }) => liveReader(t, `${url}/dashboards/shop/live?site_id=${site}`)));
  const [readers, others] = [await live(1), await live(2)];
  for (const reader of [...readers, ...others]) await reader.has(t, 1, METRICS);
  for (let mark = 1; mark <= COMMITS_COUNT; mark++) {
    await server.query(`UPDATE tasks SET mark = ${mark} WHERE site_id = 1`);
    for (const reader of readers) await reader.has(t, mark + 1, METRICS);
  }
  for (const reader of readers)
    t.same(
      reader.of(...METRICS).map(({ data }) => data.body?.data['mark']),
      [0, 1, 2, 3, 4, 5],
    );
  for (const other of others) t.equal(other.of(...METRICS).length, 1);
});
