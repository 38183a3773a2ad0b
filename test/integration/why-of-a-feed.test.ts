import t from 'tap';
import type { PanelWhy, Why } from '../../services/explain/why-schema.js';
import type { Service } from '../helpers/start-service.js';
import { ask } from './support/ask.js';
import { until } from './support/until.js';
import { watchedShop } from './support/watched-shop.js';

const pathOf = (site: number) => `/dashboards/shop/metrics?site_id=${site}`;

async function why({ url }: Service, site = 2): Promise<PanelWhy> {
  const answer = await ask(`${url}/cache/why?url=${encodeURIComponent(pathOf(site))}`);
  const [first] = answer.json<Why>().panels;
  if (!first) throw new Error(answer.text);
  return first;
}

/** A feed that begins tells of a gap, which is a change of everything. */
const isTold = ({ event }: PanelWhy['story'][number]) => event?.kind === 'change' && event.by === 'feed';

t.test(
  'a committed write is told with its source, table and tenant; by the process that heard it',
  async (t) => {
    const { server, services } = await watchedShop(t, { feed: 'notify' });
    const [holder, other] = services;
    for (const { url } of services) await ask(url + pathOf(2));
    await server.query('UPDATE tasks SET mark = 1 WHERE site_id = 3');
    const isExpired = async (service: Service, site: number) =>
      (await why(service, site)).story.some(
        ({ text }) => text === `expired: data changed, table tasks of tenant ${site}`,
      );
    // Else one window may hold both, which are told together then.
    t.ok(await until(() => isExpired(holder, 3)));
    await server.query('UPDATE tasks SET mark = 1 WHERE site_id = 2');
    for (const service of services) t.ok(await until(() => isExpired(service, 2)));

    const { story } = await why(holder);
    const at = story.findIndex(isTold);
    t.match(story[at], {
      text: /^table .*tasks of tenant 2 of main: its change feed told of writes$/,
      event: { source: 'main', by: 'feed', tables: [{ tenants: ['2'] }] },
    });
    t.match(story[at + 1]?.event, { kind: 'invalidation', cause: 'table', mode: 'expire' });
    t.equal(story.filter(isTold).length, 1, 'the write of another tenant is not its own');
    t.notOk((await why(other)).story.some(isTold));
  },
);
