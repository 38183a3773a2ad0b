import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { definitionsFolder } from '../../demo/definitions-folder.js';
import { generateOperations } from '../../demo/generate-operations.js';
import { prepareRealDemo } from '../../demo/real/prepare-real-demo.js';
import { tempFolder } from '../helpers/temp-folder.js';

const NOW_MS = Date.UTC(2026, 5, 15, 12);

interface PanelText {
  readonly query?: string;
  readonly queries?: Record<string, string>;
  readonly labels?: string;
  readonly values?: Record<string, unknown>;
}

interface DashboardText {
  readonly id: string;
  readonly params: Record<string, { readonly options?: string }>;
  readonly metrics: PanelText;
  readonly charts: Record<string, PanelText>;
  readonly summary: PanelText;
}

function read(folder: string, id: string): DashboardText {
  return parse(readFileSync(join(folder, `${id}.yaml`), 'utf8')) as DashboardText;
}

function panelsOf(dashboard: DashboardText): [string, PanelText][] {
  const charts = Object.entries(dashboard.charts).map(([name, chart]): [string, PanelText] => [
    `charts/${name}`,
    chart,
  ]);
  return [['metrics', dashboard.metrics], ...charts, ['summary', dashboard.summary]];
}

function queriesOf(panel: PanelText): string[] {
  return panel.query === undefined ? Object.values(panel.queries ?? {}) : [panel.query];
}

/** Runs a statement with literals in the place of :name; the service binds, which its own tests show. */
async function rowsOf(connection: Connection, sql: string, binds: Record<string, string>) {
  const text = sql.replace(
    /(?<![:\w]):([a-z_]+)/g,
    (_, name: string) => binds[name] ?? `unknown_bind_${name}`,
  );
  return (await connection.runAndReadAll(text)).getRowObjectsJson();
}

type Connection = Awaited<ReturnType<DuckDBInstance['connect']>>;

async function open(t: Test, path: string): Promise<Connection> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  t.after(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return connection;
}

t.test('operations on generated data', async (t) => {
  const path = join(tempFolder(t), 'operations.duckdb');
  await generateOperations({ path, nowMs: NOW_MS, scale: 0.02, progress: () => {} });
  const connection = await open(t, path);
  const dashboard = read(definitionsFolder('dashboards'), 'operations');

  t.test('has the metrics of the old system and nine panels or more', async (t) => {
    const metrics = queriesOf(dashboard.metrics).join('\n');
    for (const name of [
      'total_tasks',
      'completed_tasks',
      'pending_tasks',
      'overdue_tasks',
      'total_work_orders',
      'completed_work_orders',
      'average_completion_time',
      'completion_rate',
    ])
      t.match(metrics, new RegExp(`AS ${name}\\b`));
    t.ok(panelsOf(dashboard).length >= 9);
    for (const chart of ['tasks', 'work_orders', 'attendance']) t.ok(dashboard.charts[chart], chart);
  });

  for (const [id, panel] of panelsOf(dashboard)) {
    t.test(
      `${id}: every query binds the site and gives every site something, in the declared columns`,
      async (t) => {
        const binds = { period_start: "TIMESTAMP '2026-05-17'", period_end: "TIMESTAMP '2026-06-16'" };
        for (const query of queriesOf(panel)) t.match(query, /:site_id\b/);
        for (const siteId of [1, 5, 8]) {
          const columns = new Set<string>();
          for (const query of queriesOf(panel)) {
            const rows = await rowsOf(connection, query, { ...binds, site_id: `${siteId}` });
            t.ok(
              rows.length > 0 && Object.values(rows[0] ?? {}).every((value) => value !== null),
              `site ${siteId}`,
            );
            for (const column of Object.keys(rows[0] ?? {})) columns.add(column);
          }
          const declared = Object.keys(panel.values ?? {});
          t.same(
            declared.filter((name) => !columns.has(name)),
            [],
            'every declared value is a column',
          );
          if (panel.labels !== undefined) t.ok(columns.has(panel.labels));
        }
      },
    );
  }

  t.test('parts add up to the whole, whatever the panel', async (t) => {
    const binds = {
      site_id: '3',
      period_start: "TIMESTAMP '2026-03-01'",
      period_end: "TIMESTAMP '2026-06-01'",
    };
    const sum = async (id: string, column: string): Promise<number> => {
      const panel = panelsOf(dashboard).find(([name]) => name === id)?.[1];
      const rows = (
        await Promise.all(queriesOf(panel ?? {}).map((q) => rowsOf(connection, q, binds)))
      ).flat();
      return rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
    };
    const total = await sum('metrics', 'total_tasks');
    t.ok(total > 100);
    for (const [id, column] of [
      ['charts/tasks', 'total'],
      ['charts/tasks_by_priority', 'total'],
      ['charts/tasks_by_category', 'total'],
      ['charts/busy_hours', 'tasks'],
    ] as const)
      t.equal(await sum(id, column), total, id);
    t.equal(await sum('charts/tasks_by_priority', 'overdue'), await sum('metrics', 'overdue_tasks'));
    t.equal(await sum('charts/vendors', 'orders'), await sum('metrics', 'total_work_orders'));
    t.equal(
      Math.round(await sum('charts/vendors', 'cost')),
      Math.round(await sum('metrics', 'work_order_cost')),
    );
  });

  t.test('the site can be chosen by name', async (t) => {
    const rows = await rowsOf(connection, dashboard.params['site_id']?.options ?? '', {});
    t.equal(rows.length, 8);
    t.match(rows[0], { name: / / });
  });

  t.test('only words that PostgreSQL knows too are used', async (t) => {
    const text = panelsOf(dashboard)
      .flatMap(([, panel]) => queriesOf(panel))
      .join('\n');
    const calls = [
      ...new Set([...text.matchAll(/\b([a-z_]+)\s*\(/gi)].map((match) => String(match[1]).toLowerCase())),
    ];
    const known =
      'as avg by cast coalesce count date_trunc extract filter from group in max nullif numeric percentile_cont round sum'.split(
        ' ',
      );
    t.same(
      calls.filter((name) => !known.includes(name)),
      [],
    );
    t.notMatch(text, /\bnow\b|current_|localtime|\bQUALIFY\b|\bEXCLUDE\b|\bASOF\b|::/i);
  });
});

t.test('the real-data dashboards', async (t) => {
  const dataDir = tempFolder(t);
  const { definitionsFolder: folder } = await prepareRealDemo({ dataDir, progress: () => {} });
  const connection = await open(t, ':memory:');
  for (const table of ['birdstrikes', 'airports'])
    await connection.run(`CREATE VIEW ${table} AS SELECT * FROM read_csv('${join(dataDir, table)}.csv')`);
  t.same(readdirSync(folder).sort(), ['airports.yaml', 'birdstrikes.yaml', 'dashcache.yaml']);

  const whole = { period_start: "TIMESTAMP '1990-01-01'", period_end: "TIMESTAMP '2003-01-01'" };
  const choices: Record<string, Record<string, string>[]> = {
    birdstrikes: [
      { state: 'NULL', size: 'NULL' },
      { state: "'Texas'", size: "'Large'" },
    ],
    airports: [
      { state: 'NULL', search: 'NULL' },
      { state: "'TX'", search: "'city'" },
    ],
  };
  for (const [id, binds] of Object.entries(choices)) {
    const dashboard = read(folder, id);
    for (const [panelId, panel] of panelsOf(dashboard)) {
      t.test(`${id} ${panelId} gives rows with and without its choices`, async (t) => {
        for (const choice of binds)
          for (const query of queriesOf(panel))
            t.ok((await rowsOf(connection, query, { ...whole, ...choice })).length > 0);
      });
    }
    t.test(`${id} offers its states`, async (t) => {
      t.ok((await rowsOf(connection, dashboard.params['state']?.options ?? '', {})).length > 20);
    });
  }

  t.test('the figures are those of the files', async (t) => {
    const dashboard = read(folder, 'birdstrikes');
    const binds = { ...whole, state: 'NULL', size: 'NULL' };
    const [metrics] = await rowsOf(connection, dashboard.metrics.query ?? '', binds);
    t.match(metrics, { strikes: '10000', cost: '40545276' });
    const [airports] = await rowsOf(connection, read(folder, 'airports').metrics.query ?? '', {
      state: 'NULL',
    });
    t.match(airports, { airports: '3376' });
  });
});
