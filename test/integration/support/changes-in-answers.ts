import type { Test } from 'tap';
import { type Answer, ask } from './ask.js';
import { until } from './until.js';
import type { WatchedShop } from './watched-shop.js';

const OWN = '/dashboards/shop/metrics?site_id=3';
const OTHERS = '/dashboards/shop/metrics?site_id=4';
const STRICT = '/dashboards/strict/metrics';

interface Asked {
  readonly service: { readonly url: string };
  readonly path: string;
}

function dataOf({ service: { url }, path }: Asked): Promise<unknown> {
  return ask(url + path).then((answer) => answer.json()['data']);
}

/** The answers of both processes to the same. */
function both({ services }: WatchedShop, path: string): Promise<Answer[]> {
  return Promise.all(services.map(({ url }) => ask(url + path)));
}

/** Both processes come to answer with this. */
async function bothShow(t: Test, shop: WatchedShop, expected: { path: string; data: object }): Promise<void> {
  const { path, data } = expected;
  for (const service of shop.services) {
    const isShown = async () => JSON.stringify(await dataOf({ service, path })) === JSON.stringify(data);
    t.ok(await until(isShown), `${path} shows ${JSON.stringify(data)}`);
  }
}

/** What is committed is in the answers of both processes, of whom it is for. */
export async function changesInAnswers(t: Test, shop: WatchedShop): Promise<void> {
  const { server, feed } = shop;
  for (const path of [OWN, OTHERS, STRICT]) await both(shop, path);

  await t.test('a committed change is in the next answers of both processes', async (t) => {
    await server.query('INSERT INTO tasks (site_id, mark) VALUES (3, 7)');
    await bothShow(t, shop, { path: OWN, data: { tasks: 2, mark: 7 } });
    await server.query('UPDATE tasks SET mark = 8 WHERE site_id = 3');
    await bothShow(t, shop, { path: OWN, data: { tasks: 2, mark: 8 } });
    await server.query('DELETE FROM tasks WHERE site_id = 3');
    await bothShow(t, shop, { path: OWN, data: { tasks: 0, mark: 0 } });
  });

  // Counters know no tenants.
  if (feed !== 'poll')
    await t.test("a tenant's change leaves the entries of others alone", async (t) => {
      await both(shop, OTHERS);
      await server.query('INSERT INTO tasks (site_id, mark) VALUES (3, 20)');
      await bothShow(t, shop, { path: OWN, data: { tasks: 1, mark: 20 } });
      for (const { cacheStatus } of await both(shop, OTHERS))
        t.match(cacheStatus, /^dashcache; hit; ttl=\d+; detail=l1/, 'still fresh');
      await server.query('UPDATE tasks SET site_id = 4 WHERE site_id = 3');
      await bothShow(t, shop, { path: OTHERS, data: { tasks: 1, mark: 20 } });
      await bothShow(t, shop, { path: OWN, data: { tasks: 0, mark: 0 } });
    });

  await t.test(
    'a panel with max_staleness 0s never shows the old value once the change is told',
    async (t) => {
      const before = await both(shop, STRICT);
      t.same(
        before.map((answer) => answer.json()['data']),
        [{ amount: 10 }, { amount: 10 }],
      );
      await server.query('UPDATE stock SET amount = 11');
      const statuses: string[] = [];
      const isPurged = async () => {
        const answers = await both(shop, STRICT);
        statuses.push(...answers.map(({ cacheStatus }) => cacheStatus));
        return answers.every((answer) => JSON.stringify(answer.json()['data']) === '{"amount":11}');
      };
      t.ok(await until(isPurged), 'the new value');
      t.ok(
        statuses.some((status) => status.includes('fwd=uri-miss')),
        'a reader has waited for it',
      );
      t.notOk(
        statuses.some((status) => status.includes('ttl=-')),
        'and nobody was served what is stale',
      );
    },
  );
}
