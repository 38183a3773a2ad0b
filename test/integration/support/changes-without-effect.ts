import type { Test } from 'tap';
import { type Answer, ask } from './ask.js';
import { until } from './until.js';
import { caughtUp, figureOf, type WatchedShop } from './watched-shop.js';

const PATH = '/dashboards/shop/metrics?site_id=2';

function both({ services }: WatchedShop, path: string): Promise<Answer[]> {
  return Promise.all(services.map(({ url }) => ask(url + path)));
}

async function queriesCount({ services }: WatchedShop): Promise<number> {
  const counts = await Promise.all(services.map((service) => figureOf(service, 'source_queries_total')));
  return counts.reduce((all, count) => all + count);
}

const tagsOf = (answers: readonly Answer[]) => answers.map(({ headers }) => headers.etag);
const areFresh = (answers: readonly Answer[]) =>
  answers.every(({ cacheStatus }) => /^dashcache; hit; ttl=\d+; detail=l1/.test(cacheStatus));

/** What changes no answer keeps its ETag, and what has never happened costs nothing. */
export async function changesWithoutEffect(t: Test, shop: WatchedShop): Promise<void> {
  const { server, services, feed } = shop;
  // By both from memory: from here on nothing is loaded that no change asks for.
  t.ok(await until(async () => areFresh(await both(shop, PATH))), 'in both memories');

  await t.test('what is rolled back changes no answer, and costs no query', async (t) => {
    const before = tagsOf(await both(shop, PATH));
    const beforeCount = await queriesCount(shop);
    await server.query('BEGIN; INSERT INTO tasks (site_id, mark) VALUES (2, 9); ROLLBACK');
    // Counters count rolled-back rows too, which costs a load and is no lie.
    if (feed === 'poll') t.ok(await until(async () => (await queriesCount(shop)) > beforeCount), 'poll asks');
    else for (const service of services) await caughtUp(service);
    if (feed === 'poll') t.ok(await until(async () => areFresh(await both(shop, PATH))), 'it is fresh again');
    const after = await both(shop, PATH);
    t.ok(areFresh(after));
    t.same(tagsOf(after), before);
    if (feed !== 'poll') t.equal(await queriesCount(shop), beforeCount);
  });

  await t.test('an update that leaves the answer equal: it is loaded, and keeps its ETag', async (t) => {
    const before = tagsOf(await both(shop, PATH));
    const beforeCount = await queriesCount(shop);
    await server.query('UPDATE tasks SET mark = mark WHERE site_id = 2');
    t.ok(await until(async () => (await queriesCount(shop)) > beforeCount), 'it is loaded');
    t.ok(await until(async () => areFresh(await both(shop, PATH))), 'both are fresh again');
    t.same(tagsOf(await both(shop, PATH)), before);
  });

  await t.test('the same row, changed for good, is another answer', async (t) => {
    const before = tagsOf(await both(shop, PATH));
    await server.query('BEGIN; INSERT INTO tasks (site_id, mark) VALUES (2, 9); COMMIT');
    const isAnother = async () => tagsOf(await both(shop, PATH)).every((tag, at) => tag !== before[at]);
    t.ok(await until(isAnother), 'the control');
  });
}
