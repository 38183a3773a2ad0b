import type { Test } from 'tap';
import { ask } from './ask.js';
import { until } from './until.js';
import type { WatchedShop } from './watched-shop.js';

interface Case {
  readonly what: string;
  readonly sql: string;
  /** A panel of site 1. */
  readonly panel: string;
  /** Its data afterwards. */
  readonly data: object;
}

const visits = (labels: readonly number[], values: readonly number[]) => ({
  type: 'bar',
  labels,
  series: [{ name: 'visits', values }],
});

/** In this order: each begins with what the one before has left. */
const CASES: readonly Case[] = [
  {
    what: 'COPY',
    sql: "COPY tasks (site_id, mark) FROM PROGRAM 'echo 1,5' WITH (FORMAT csv)",
    panel: 'metrics',
    data: { tasks: 2, mark: 5 },
  },
  {
    what: 'a write through a view',
    sql: 'UPDATE open_tasks SET mark = 6 WHERE site_id = 1 AND mark = 5',
    panel: 'metrics',
    data: { tasks: 2, mark: 6 },
  },
  {
    what: 'a write to the table behind a view',
    sql: 'INSERT INTO tasks (site_id, mark) VALUES (1, 1)',
    panel: 'summary',
    data: { open: 3 },
  },
  {
    what: 'a row for a partition',
    sql: 'INSERT INTO visits VALUES (10, 1, 2)',
    panel: 'charts/visits',
    data: visits([1, 2], [1, 1]),
  },
  {
    what: 'a row in a partition by its own name',
    sql: 'INSERT INTO visits_1 VALUES (11, 1, 1)',
    panel: 'charts/visits',
    data: visits([1, 2], [2, 1]),
  },
  {
    what: 'TRUNCATE of a partition',
    sql: 'TRUNCATE visits_1',
    panel: 'charts/visits',
    data: visits([2], [1]),
  },
  {
    what: 'a partition that is detached',
    sql: 'ALTER TABLE visits DETACH PARTITION visits_2',
    panel: 'charts/visits',
    data: visits([], []),
  },
  { what: 'TRUNCATE', sql: 'TRUNCATE tasks', panel: 'metrics', data: { tasks: 0, mark: 0 } },
];

async function shows({ services }: WatchedShop, { panel, data }: Case): Promise<boolean> {
  const answers = await Promise.all(
    services.map(({ url }) => ask(`${url}/dashboards/shop/${panel}?site_id=1`)),
  );
  return answers.every((answer) => JSON.stringify(answer.json()['data']) === JSON.stringify(data));
}

/** Whatever writes, it is in the answers of both processes. The last of all that is shown: it leaves the tables empty. */
export async function changesOfAllKinds(t: Test, shop: WatchedShop): Promise<void> {
  for (const each of CASES) {
    t.notOk(await shows(shop, each), 'not yet');
    await shop.server.query(each.sql);
    t.ok(await until(() => shows(shop, each)), each.what);
  }
}
