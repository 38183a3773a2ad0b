import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildApp } from '../../app.js';
import { loadConfig } from '../../config.js';
import { startFaultProxy } from '../helpers/fault-proxy.js';
import { freePort } from '../helpers/free-port.js';
import { startPostgres } from '../helpers/postgres-server.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { within } from '../helpers/within.js';

/** Of every kind: watched, behind a view, in partitions, in another schema, materialised, and not watched at all. */
const SCHEMA = `
  CREATE TABLE tasks (id integer PRIMARY KEY);
  CREATE VIEW open_tasks AS SELECT id FROM tasks;
  CREATE TABLE visits (id integer, month integer) PARTITION BY RANGE (month);
  CREATE TABLE visits_1 PARTITION OF visits FOR VALUES FROM (1) TO (2);
  CREATE SCHEMA stock; CREATE TABLE stock.items (id integer PRIMARY KEY);
  CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS total FROM tasks;
  CREATE TABLE prices (id integer PRIMARY KEY); CREATE TABLE "Old" (id integer PRIMARY KEY);`;

const dashcacheYaml = (tables: string) => `sources:
  main: { type: postgres, url: "\${DATABASE_URL}", changes: { feed: poll, tables: { ${tables} } } }
`;
const DASHBOARD = `id: shop
source: main
charts:
  tasks: { type: table, labels: id, query: "SELECT id, 1 AS n FROM open_tasks" }
  visits: { type: table, labels: id, query: "SELECT id, 1 AS n FROM visits" }
  items: { type: table, labels: id, query: "SELECT id, 1 AS n FROM stock.items" }
  totals: { type: table, labels: total, query: "SELECT total, 1 AS n FROM totals" }
  prices: { type: table, labels: id, query: "SELECT id, 1 AS n FROM prices" }
  old: { type: table, labels: id, ttl_only: true, query: "SELECT id, 1 AS n FROM \\"Old\\"" }
`;

t.test(
  'panels that read what no feed watches: one warning, by table, whenever definitions are taken',
  async (t) => {
    const server = await startPostgres();
    t.after(() => server.stop());
    await server.query(SCHEMA);
    const folder = tempFolder(t);
    const write = (tables: string) => writeFileSync(join(folder, 'dashcache.yaml'), dashcacheYaml(tables));
    write('tasks: {}, visits: {}');
    writeFileSync(join(folder, 'shop.yaml'), DASHBOARD);
    const warnings: { tables: readonly string[]; msg: string }[] = [];
    const stream = {
      write: (text: string) => {
        const line = JSON.parse(text);
        if (line.msg.startsWith('Panels of')) warnings.push(line);
      },
    };
    const proxy = await startFaultProxy({ targetPort: server.port });
    t.after(() => proxy.stop());
    // The database is away at first: its tables are not known yet.
    proxy.refuse();
    const environment = { DASHCACHE_CONFIG: folder, DATABASE_URL: proxy.through(server.url) };
    const app = await buildApp(loadConfig({ ...environment, PORT: String(await freePort()) }), {
      logger: { level: 'info', stream },
    });
    t.after(() => app.close());
    t.same(warnings, []);
    await proxy.heal();
    await within(20_000, () => warnings.length > 0, 'it is warned');
    t.same(warnings[0]?.tables, ['prices', 'stock.items', 'totals']);
    t.equal(
      warnings[0]?.msg,
      'Panels of main read tables whose changes nobody hears: prices, stock.items, totals. Only their ttl renews them: ' +
        'name the tables in `changes.tables` of the source, or say `ttl_only: true` on the panels',
    );

    write('tasks: {}, visits: {}, stock.items: {}, totals: {}');
    await app.definitions.reload();
    await within(
      20_000,
      () => warnings.some(({ tables }) => tables.join() === 'prices'),
      'of the others no more',
    );
    write('tasks: {}, visits: {}, stock.items: {}, totals: {}, prices: {}');
    await app.definitions.reload();
    await within(20_000, () => app.changes.silent().length === 0, 'the new feed is heard');
    // Whoever watches the folder may have taken what was written before once more; from now on there is nothing else to take.
    const toldCount = warnings.length;
    write('tasks: {}, visits: {}, stock.items: {}, totals: {}, prices: { }');
    await app.definitions.reload();
    await within(20_000, () => app.changes.silent().length === 0, 'it is heard again');
    t.equal(warnings.length, toldCount, 'nothing is left to say');
    const panels = [...(app.definitions.current.dashboards.get('shop')?.panels.values() ?? [])];
    const untold = () =>
      panels.filter((panel) => app.changes.toldToMs('main', app.definitions.tablesOf(panel)) < Infinity);
    await within(
      20_000,
      () => untold().length === 1,
      'all others are told of: views, partitions and schemas too',
    );
    t.same(
      untold().map(({ id }) => id),
      ['charts/old'],
    );
  },
);
