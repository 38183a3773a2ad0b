import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { DefinitionFaults } from '../../../services/definitions/definition-faults.js';
import { loadDefinitions } from '../../../services/definitions/load-definitions.js';
import type { Definitions, Panel } from '../../../services/definitions/model.js';
import type { Ttls } from '../../../services/definitions/panel-policy.js';
import type { SourceDefinition } from '../../../services/definitions/source-definitions.js';
import { definitionsOf, TTLS } from './some-definitions.js';

function filesOf(source: SourceDefinition | undefined): unknown {
  return source?.type === 'duckdb' ? [...source.files] : null;
}

function panelOf(definitions: Definitions, id: string, dashboardId = 'operations'): Panel {
  const panel = definitions.dashboards.get(dashboardId)?.panels.get(id);
  if (!panel) throw new Error(`There is no ${id}`);
  return panel;
}

const FULL = `
id: operations
title: Site operations
source: main
params:
  site_id: { type: integer, minimum: 1, tenant: true, options: SELECT id, name FROM sites ORDER BY name }
  period:  { type: period, default: 30d, maximum: 366d, align: 1d, timezone: Europe/Berlin }
metrics:
  query: |
    SELECT count(*) AS total_tasks, count(*) FILTER (WHERE status = 'completed') AS completed_tasks
    FROM tasks WHERE site_id = :site_id AND created_at >= :period_start AND created_at < :period_end
  values:
    total_tasks: { title: Tasks, format: integer, compare: previous_period }
    completed_tasks: { unit: '%', digits: 1, better: up, exact: true }
charts:
  tasks:
    title: Tasks per day
    type: line
    labels: day
    query: SELECT day, count(*) AS total FROM tasks WHERE site_id = :site_id GROUP BY day ORDER BY day;
  work_orders:
    type: pie
    labels: kind
    query: SELECT kind, count(*) AS total FROM work_orders WHERE site_id = :site_id GROUP BY kind
summary:
  queries:
    site: SELECT name AS site_name FROM sites WHERE id = :site_id
    people: SELECT count(*) AS people FROM people WHERE site_id = :site_id
`;

t.test('a dashboard as people write it has every default filled in', async (t) => {
  const definitions = await definitionsOf({ 'operations.yaml': FULL });
  const dashboard = definitions.dashboards.get('operations');
  if (!dashboard) return t.fail('it was not loaded');
  t.equal(dashboard.title, 'Site operations');
  t.equal(dashboard.tenantParameter, 'site_id');
  t.equal(dashboard.sourceName, 'main');
  t.same([...dashboard.panels.keys()], ['metrics', 'charts/tasks', 'charts/work_orders', 'summary']);
  t.match(dashboard.parameters.get('site_id'), {
    type: 'integer',
    title: 'Site id',
    minimum: 1,
    maximum: null,
    optional: false,
    defaultText: null,
    options: { text: 'SELECT id, name FROM sites ORDER BY name' },
  });
  t.match(dashboard.parameters.get('period'), {
    type: 'period',
    align: '1d',
    timezone: 'Europe/Berlin',
    maximum: '366d',
    defaultText: '30d',
  });

  const metrics = panelOf(definitions, 'metrics');
  t.match(metrics, {
    dashboardId: 'operations',
    kind: 'metrics',
    title: 'Metrics',
    sourceName: 'main',
    chart: null,
    policy: {
      ttlMs: 300_000,
      graceMs: 3_600_000,
      staleIfErrorMs: 86_400_000,
      deadlineMs: 30_000,
      softDeadlineMs: null,
      unproven: 'allow',
      maxStalenessMs: null,
    },
    ttlOrigin: 'METRICS_TIMEOUT',
    tags: [],
    dependsOn: [],
    ttlOnly: false,
    maxRowsCount: 10_000,
    maxBytes: 4_194_304,
    client: { maxAgeMs: 0, staleMs: 5000, staleIfErrorMs: 60_000 },
  });
  t.same(
    metrics.parameters.map(({ name }) => name),
    ['site_id', 'period'],
  );
  t.same(metrics.values.get('total_tasks'), {
    title: 'Tasks',
    format: 'integer',
    unit: null,
    digits: null,
    better: null,
    exact: false,
    compare: 'previous_period',
  });
  t.same(metrics.values.get('completed_tasks'), {
    title: 'Completed tasks',
    format: null,
    unit: '%',
    digits: 1,
    better: 'up',
    exact: true,
    compare: null,
  });
  t.match(metrics.definitionHash, /^[A-Za-z0-9_-]{43}$/);

  const tasks = panelOf(definitions, 'charts/tasks');
  t.same(tasks.chart, { type: 'line', labels: 'day' });
  t.equal(tasks.policy.ttlMs, 600_000);
  t.notOk(tasks.queries[0]?.statement.text.endsWith(';'));
  t.same(
    tasks.parameters.map(({ name }) => name),
    ['site_id'],
  );
  t.equal(panelOf(definitions, 'charts/work_orders').title, 'Work orders');
  t.same(
    panelOf(definitions, 'summary').queries.map(({ name }) => name),
    ['site', 'people'],
  );
  t.equal(panelOf(definitions, 'summary').policy.ttlMs, 900_000);
  t.same(definitions.shadowed, []);
});

t.test('sources have absolute paths, seen from the folder of their file', async (t) => {
  const { sources, folder } = await definitionsOf(
    {
      'dashcache.yaml': `
sources:
  main: { type: duckdb, path: "\${DATA_DIR}/operations.duckdb", concurrency: "\${AT_ONCE}", timezone: Europe/Berlin }
  files: { type: duckdb, files: { flights: ../data/flights.parquet, airports: /srv/airports.csv } }
`,
      'a.yaml': 'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\n',
    },
    { environment: { DATA_DIR: '/var/data', AT_ONCE: '8' } },
  );
  t.match(sources.get('main'), {
    type: 'duckdb',
    name: 'main',
    path: '/var/data/operations.duckdb',
    concurrencyCount: 8,
    timezone: 'Europe/Berlin',
  });
  t.same(filesOf(sources.get('main')), []);
  t.match(sources.get('files'), { path: null, concurrencyCount: 4, timezone: 'UTC' });
  t.same(filesOf(sources.get('files')), [
    ['flights', join(folder, '../data/flights.parquet')],
    ['airports', '/srv/airports.csv'],
  ]);
});

t.test('the nearest word holds: panel, dashboard, dashcache.yaml, environment', async (t) => {
  const definitions = await definitionsOf({
    'dashcache.yaml': `
sources: { main: { type: duckdb, path: a.duckdb }, other: { type: duckdb, path: b.duckdb } }
defaults:
  source: other
  ttl: 1m
  grace: 2m
  max_bytes: 1 MiB
  tags: [all]
  client: { max_age: 1s, stale: 2s }
`,
    'operations.yaml': `
id: operations
source: main
grace: 3m
client: { stale: 3s }
soft_deadline: 200ms
metrics:
  query: SELECT 1 AS one
summary:
  query: SELECT 1 AS one
  source: other
  ttl: 5m
  stale_if_error: 0s
  deadline: 1s
  unproven: never
  max_rows: 1
  max_bytes: 100
  tags: [own]
  depends_on: [tasks]
  ttl_only: true
  client: { stale_if_error: 4s }
`,
    'plain.yaml': 'id: plain\nmetrics: { query: SELECT 1 AS one }\n',
  });
  t.match(panelOf(definitions, 'metrics'), {
    sourceName: 'main',
    ttlOrigin: 'dashcache.yaml',
    policy: { ttlMs: 60_000, graceMs: 180_000, softDeadlineMs: 200 },
    tags: ['all'],
    maxBytes: 1_048_576,
    client: { maxAgeMs: 1000, staleMs: 3000, staleIfErrorMs: 60_000 },
  });
  t.match(panelOf(definitions, 'summary'), {
    sourceName: 'other',
    ttlOrigin: 'panel',
    policy: { ttlMs: 300_000, graceMs: 180_000, staleIfErrorMs: 0, deadlineMs: 1000, unproven: 'never' },
    tags: ['own'],
    dependsOn: ['tasks'],
    ttlOnly: true,
    maxRowsCount: 1,
    maxBytes: 100,
    client: { maxAgeMs: 1000, staleMs: 3000, staleIfErrorMs: 4000 },
  });
  t.equal(
    panelOf(definitions, 'metrics', 'plain').sourceName,
    'other',
    'a source may stand under defaults too',
  );
});

t.test('a setting that no panel follows is named, one that some follow is not', async (t) => {
  const explicit = (ttls: Ttls): Ttls => ({
    metrics: { ...ttls.metrics, explicit: true },
    chart: { ...ttls.chart, explicit: true },
    summary: { ...ttls.summary, explicit: true },
  });
  const files = {
    'a.yaml': `
id: a
source: main
metrics: { query: SELECT 1 AS one, ttl: 1m }
charts:
  one: { type: pie, labels: a, query: "SELECT 1 AS a, 2 AS b", ttl: 1m }
  two: { type: pie, labels: a, query: "SELECT 1 AS a, 2 AS b" }
`,
    'b.yaml': 'id: b\nsource: main\nttl: 2m\nmetrics: { query: SELECT 1 AS one }\n',
  };
  const { shadowed } = await definitionsOf(files, { ttls: explicit(TTLS) });
  t.same(shadowed, [
    'METRICS_TIMEOUT (5m) has no effect: the ttl of every metrics panel comes from the panel or the dashboard',
    'SUMMARY_TIMEOUT (15m) has no effect: there is no summary panel',
  ]);
  t.same((await definitionsOf(files)).shadowed, [], 'what nobody set shadows nothing');
});

t.test('the hash changes with all that decides the content, and with nothing else', async (t) => {
  const base = `
id: a
source: main
params: { period: { type: period, default: 30d } }
metrics:
  query: SELECT count(*) AS total FROM tasks WHERE at >= :period_start
  values: { total: { title: Total } }
`;
  const hashOf = async (
    change: (text: string) => string,
    dashcache = 'sources:\n  main: { type: duckdb, path: main.duckdb }\n',
  ) => {
    const definitions = await definitionsOf({
      'dashcache.yaml': dashcache.replace('main.duckdb', '/x/main.duckdb'),
      'a.yaml': change(base),
    });
    return panelOf(definitions, 'metrics', 'a').definitionHash;
  };
  const hash = await hashOf((text) => text);
  const same: Record<string, (text: string) => string> = {
    ttl: (text) => `${text}  ttl: 1m\n  grace: 2m\n  deadline: 3s\n`,
    titles: (text) => text.replace('title: Total', 'title: All, format: integer'),
    layout: (text) =>
      `# a comment\n${text.replace('{ total: { title: Total } }', '\n    total:\n      title: Total')}`,
    default: (text) => text.replace('default: 30d', 'default: 7d'),
  };
  for (const [name, change] of Object.entries(same)) t.equal(await hashOf(change), hash, name);
  const other: Record<string, (text: string) => string> = {
    query: (text) => text.replace('count(*)', 'count(1)'),
    tags: (text) => `${text}  tags: [x]\n`,
    depends_on: (text) => `${text}  depends_on: [tasks]\n`,
    ttl_only: (text) => `${text}  ttl_only: true\n`,
    max_rows: (text) => `${text}  max_rows: 5\n`,
    exact: (text) => text.replace('title: Total', 'exact: true'),
    compare: (text) => text.replace('title: Total', 'compare: previous_period'),
    timezone: (text) => text.replace('default: 30d', 'default: 30d, timezone: Asia/Tokyo'),
  };
  const hashes = new Set([hash]);
  for (const [name, change] of Object.entries(other)) {
    const changed = await hashOf(change);
    t.notOk(hashes.has(changed), name);
    hashes.add(changed);
  }
  t.not(
    await hashOf((text) => text, 'sources:\n  main: { type: duckdb, path: /elsewhere }\n'),
    hash,
    'the source',
  );
});

t.test('a chart of another type has another hash', async (t) => {
  const hashOf = async (type: string) =>
    panelOf(
      await definitionsOf({
        'a.yaml': `id: a\nsource: main\ncharts: { c: { type: ${type}, labels: x, query: "SELECT 1 AS x, 2 AS y" } }\n`,
      }),
      'charts/c',
      'a',
    ).definitionHash;
  const [line, bar] = [await hashOf('line'), await hashOf('bar')];
  t.not(line, bar);
});

t.test('aliases stand for what they name', async (t) => {
  const definitions = await definitionsOf({
    'a.yaml':
      'id: a\nsource: main\nmetrics:\n  query: SELECT 1 AS one\n  client: &short { max_age: 9s }\nsummary:\n  query: SELECT 1 AS one\n  client: *short\n',
  });
  t.equal(panelOf(definitions, 'summary', 'a').client.maxAgeMs, 9000);
});

t.test('hidden files and other files are none of its business', async (t) => {
  const { dashboards } = await definitionsOf({
    'a.yml': 'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\n',
    '.a.yaml.swp': 'no',
    '.hidden.yaml': 'no',
    'notes.txt': 'no',
  });
  t.same([...dashboards.keys()], ['a']);
});

async function faultsIn(folder: string): Promise<DefinitionFaults> {
  try {
    await loadDefinitions(folder, { environment: {}, ttls: TTLS });
  } catch (error) {
    if (error instanceof DefinitionFaults) return error;
    throw error;
  }
  throw new Error('There was no fault');
}

t.test('what cannot be read is a fault with its reason', async (t) => {
  const folder = t.testdir();
  t.match(
    (await faultsIn(join(folder, 'nowhere'))).message,
    /cannot be read: it does not exist[\s\S]*DASHCACHE_CONFIG/,
  );
  await writeFile(join(folder, 'file'), '');
  t.match((await faultsIn(join(folder, 'file'))).message, /it is no folder/);
  await writeFile(join(folder, 'dashcache.yaml'), 'sources: { main: { type: duckdb, path: x } }');
  await mkdir(join(folder, 'a.yaml'));
  t.match((await faultsIn(folder)).message, /a\.yaml:1:1: error: this file cannot be read: it is a folder/);
});

t.test('a file that is no definition but a flood is refused unread', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml': 'sources: { main: { type: duckdb, path: x } }',
    'a.yaml': `id: ${'x'.repeat(1_000_001)}`,
  });
  t.match((await faultsIn(folder)).message, /too long to be a definition/);
});

t.test('when dashcache.yaml cannot be read, dashboards are not blamed for their sources', async (t) => {
  const folder = t.testdir({
    'dashcache.yaml': 'sources: { main: [',
    'a.yaml': 'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\n',
  });
  const { faults } = await faultsIn(folder);
  t.ok(faults.every(({ place }) => place.file.endsWith('dashcache.yaml')));
});

t.test('faults come in the order of files and lines, each once', async (t) => {
  const place = (file: string, line: number, column = 1) => ({ file, line, column });
  const { faults, message } = new DefinitionFaults([
    { place: place('b', 1), message: 'x' },
    { place: place('a', 2), message: 'x', hint: 'y', excerpt: { line: '\tabc  ', widthCount: 99 } },
    { place: place('a', 1, 5), message: 'x' },
    { place: place('a', 1, 2), message: 'x' },
    { place: place('b', 1), message: 'x' },
  ]);
  t.same(
    faults.map(({ place: { file, line, column } }) => `${file}:${line}:${column}`),
    ['a:1:2', 'a:1:5', 'a:2:1', 'b:1:1'],
  );
  t.match(message, 'a:2:1: error: x\n    2 | \tabc\n      | ^^^^\nhelp: y');
});
