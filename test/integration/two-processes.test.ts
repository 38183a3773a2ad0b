import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Service } from '../helpers/start-service.js';
import { type Answer, ask } from './support/ask.js';
import { historyOf, onlyCounters, statisticsOf, sumOf } from './support/counters.js';
import { SHOP_PANELS } from './support/shop.js';
import { twoProcesses } from './support/two-processes.js';
import { until } from './support/until.js';

const askOf = ({ url }: Service) => ({ get: (path: string): Promise<Answer> => ask(url + path) });

async function pricesOf(service: Service): Promise<unknown> {
  return (await ask(`${service.url}/dashboards/prices/metrics`)).json()['data'];
}

t.test('two processes on one Redis', async (t) => {
  const { folder, services } = await twoProcesses(t);
  const [first, second] = services;
  t.not(first.pid, second.pid);

  await t.test('what one loaded, the other serves from Redis in the same bytes', async (t) => {
    for (const panel of SHOP_PANELS) {
      const path = `/dashboards/shop/${panel}?site_id=8`;
      const headers = { 'accept-encoding': 'br' };
      const miss = await ask(first.url + path, { headers });
      const shared = await ask(second.url + path, { headers });
      t.match(miss.cacheStatus, 'uri-miss; stored');
      t.match(shared.cacheStatus, 'detail=l2');
      t.ok(shared.bytes.equals(miss.bytes));
      t.equal(shared.headers.etag, miss.headers.etag);
    }
  });

  await t.test(
    'a data file replaced by renaming: its entries expire in both, those of other tables nowhere',
    async (t) => {
      for (const service of services) t.same(await pricesOf(service), { articles: 2, total: 7 });
      writeFileSync(join(folder, 'prices.csv.new'), 'article,price\nbread,30\nbutter,40\nsalt,1\n');
      renameSync(join(folder, 'prices.csv.new'), join(folder, 'prices.csv'));
      for (const service of services)
        t.ok(
          await until(async () => JSON.stringify(await pricesOf(service)) === '{"articles":3,"total":71}'),
          'the new data',
        );
      // What still runs when the new data are first seen must not bring the old ones back.
      await sleep(700);
      for (const service of services) {
        t.same(await pricesOf(service), { articles: 3, total: 71 }, 'and never the old again');
        const other = await ask(`${service.url}/dashboards/shop/summary?site_id=8`);
        t.match(other.cacheStatus, /hit; ttl=\d+; detail=l1/, 'another source is not touched');
      }
    },
  );

  await t.test('statistics: the sums are over both, whichever is asked', async (t) => {
    // Everybody writes in steps; who is asked writes at once.
    await statisticsOf(askOf(second));
    const one = await statisticsOf(askOf(first));
    const two = await statisticsOf(askOf(second));
    for (const { process, processes, reach } of [one, two]) {
      t.equal(reach, 'cluster');
      t.same(processes.map(({ pid }) => pid).sort(), [first.pid, second.pid].sort());
      t.equal(process.pid, processes[0]?.pid, 'who is asked comes first');
    }
    t.same(
      onlyCounters(two.cache_stats),
      sumOf({ first: onlyCounters(one.process), second: onlyCounters(two.process) }),
    );
    t.ok(one.process.source_queries >= SHOP_PANELS.length + 1);
    const queriesCount = two.sources.reduce((sum, { queries }) => sum + queries, 0);
    t.equal(queriesCount, one.process.source_queries + two.process.source_queries);
    t.ok(
      two.redis && two.redis.entries >= SHOP_PANELS.length + 1 && two.redis.bytes > 1000,
      'what Redis holds is told',
    );
  });

  await t.test(
    'history: the running minute is there, and after the end of a process what it had counted',
    async (t) => {
      const readsOf = async (service: Service) => (await statisticsOf(askOf(service))).process.total_requests;
      const [firstReads, secondReads] = [await readsOf(first), await readsOf(second)];
      const before = await historyOf(askOf(second));
      t.equal(before.reach, 'cluster');
      // At the turn of a minute the other process has written its own already.
      t.ok([secondReads, firstReads + secondReads].includes(sumMinutes(before).requests));
      t.equal(await first.stop(), 0);
      const after = sumMinutes(await historyOf(askOf(second)));
      t.equal(after.requests, firstReads + secondReads, 'what the ended process counted is kept in Redis');
      t.equal(after.requests, after.hits + after.misses);
      const { processes } = await statisticsOf(askOf(second));
      t.same(
        processes.map(({ pid }) => pid),
        [second.pid],
        'and it is no longer among the living',
      );
    },
  );
});

type History = Awaited<ReturnType<typeof historyOf>>;

function sumMinutes({ minutes }: History): { requests: number; hits: number; misses: number } {
  const sum = { requests: 0, hits: 0, misses: 0 };
  for (const minute of minutes) {
    sum.requests += minute.requests;
    sum.hits += minute.hits;
    sum.misses += minute.misses;
  }
  return sum;
}
