import t from 'tap';
import { checkQueries } from '../../../services/definitions/check-queries.js';
import { scriptedSource } from './scripted-source.js';
import { dashboardWith, definitionsOf } from './some-definitions.js';

t.test('every query is checked once, with the types of what it binds, a few at a time', async (t) => {
  const charts = Array.from(
    { length: 20 },
    (_, index) => `  c${index}: { type: pie, labels: a, query: "SELECT a, b FROM c" }\n`,
  ).join('');
  const definitions = await definitionsOf({
    'a.yaml': `
id: a
source: main
params:
  site_id: { type: integer, tenant: true, options: SELECT id, name FROM sites }
  period: { type: period, default: 30d }
  word: { type: string, optional: true, options: SELECT id FROM words WHERE site = :site_id }
metrics:
  query: SELECT 1 AS one WHERE :site_id = 1 AND :period_start < now() AND :word = 'x'
charts:
${charts.replaceAll('FROM c', 'FROM c WHERE :site_id = 1')}
`,
  });
  const source = scriptedSource(
    '- { match: a, columns: [a, b] }\n- { match: SELECT 1, columns: [one] }\n'
      .split('\n')
      .reverse()
      .join('\n'),
  );
  const { checked, faults, absent } = await checkQueries(definitions, new Map([['main', source]]));
  t.same(faults, []);
  t.same(absent, []);
  t.equal(checked.size, 21);
  t.equal(source.asked.length, 23, '21 panels and two options');
  t.ok(source.mostAtOnceCount > 1 && source.mostAtOnceCount <= 4, `${source.mostAtOnceCount} at once`);
  t.same(source.asked.find(({ text }) => text.includes(':word'))?.types, {
    site_id: 'integer',
    period_start: 'timestamp',
    word: 'string',
  });
  t.same(source.asked.find(({ text }) => text.includes('FROM words'))?.types, { site_id: 'integer' });
  const [panel] = definitions.dashboards.get('a')?.panels.values() ?? [];
  t.match(panel && checked.get(panel), [{ columns: [{ name: 'one' }], verdict: 'exact' }]);
});

t.test('a source that is away is named, and no fault of the definitions', async (t) => {
  const definitions = await definitionsOf({
    'dashcache.yaml':
      'sources:\n  main: { type: duckdb, path: a }\n  other: { type: duckdb, path: b }\n  third: { type: duckdb, path: c }\n',
    'a.yaml':
      'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\nsummary: { query: SELECT 2 AS two, source: other }\ncharts: { c: { type: pie, labels: a, query: SELECT 3, source: third } }\n',
  });
  const sources = new Map([
    ['main', scriptedSource('[]')],
    ['other', scriptedSource('- { match: SELECT 2, down: true }')],
  ]);
  const { checked, faults, absent } = await checkQueries(definitions, sources);
  t.same(absent, ['other', 'third']);
  t.same(faults, []);
  t.same(
    [...checked.keys()].map(({ id }) => id),
    ['metrics'],
  );
});

t.test('an unknown set of tables is a fault only when that is asked for', async (t) => {
  const definitions = await definitionsOf({
    'a.yaml':
      'id: a\nsource: main\nmetrics: { query: SELECT one FROM f() }\nsummary: { query: SELECT one FROM f(), ttl_only: true }\n',
  });
  const sources = new Map([['main', scriptedSource('- { match: f(), columns: [one], verdict: unknown }')]]);
  t.same((await checkQueries(definitions, sources)).faults, []);
  const { faults, checked } = await checkQueries(definitions, sources, { unknownDependencies: 'fault' });
  t.match(faults, [{ message: /nobody can tell/, hint: /depends_on/ }]);
  t.same(
    [...checked.keys()].map(({ id }) => id),
    ['summary'],
  );
});

t.test('an error that is no answer of the source is not hidden', async (t) => {
  const definitions = await definitionsOf({
    'a.yaml': 'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\n',
  });
  const broken = { ...scriptedSource('[]'), check: () => Promise.reject(new TypeError('a slip of ours')) };
  await t.rejects(checkQueries(definitions, new Map([['main', broken]])), { message: 'a slip of ours' });
});

t.test('faults of definitions made by hand stand at their own places', async (t) => {
  const dashboard = await dashboardWith(['a: { type: integer }'], ['a']);
  const [panel] = dashboard.panels.values();
  if (!panel) return t.fail('there is no panel');
  const copy = structuredClone(panel);
  const byHand = {
    folder: '/',
    sources: new Map(),
    shadowed: [],
    dashboards: new Map([
      [
        'x',
        {
          ...dashboard,
          parameters: new Map(),
          panels: new Map([['metrics', { ...copy, chart: { type: 'pie', labels: 'zzz' } as const }]]),
        },
      ],
    ]),
  };
  const { faults } = await checkQueries(byHand, new Map([['main', scriptedSource('[]')]]));
  t.match(faults, [{ place: panel.place, message: /no column "zzz"/ }]);
  const rejected = await checkQueries(
    byHand,
    new Map([['main', scriptedSource('- { match: SELECT, reject: no }')]]),
  );
  t.match(rejected.faults, [{ place: panel.queries[0]?.place, message: /does not accept this query: no/ }]);
});
