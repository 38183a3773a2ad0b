import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { OpenapiDocument, Operation, Parameter } from '../../services/openapi/document.js';
import { type OpenapiValidator, openapiValidator } from '../helpers/openapi-validator.js';
import { smallFolder } from '../plugins/fixtures/small-service.js';
import type { Answer, AskOptions } from './support/ask.js';
import { COLUMNS } from './support/columns.js';
import { HeldClock } from './support/held-clock.js';
import { type ListeningApp, listeningApp } from './support/listening-app.js';
import { scriptSource } from './support/scripted-source.js';
import { FAULTY, SHOP, shopFolder, TTL_MS } from './support/shop.js';
import { TYPED } from './support/typed.js';
import { until } from './support/until.js';

interface Described extends ListeningApp {
  readonly folder: string;
  readonly document: OpenapiDocument;
  readonly faults: OpenapiValidator;
  /** Asks, and holds the answer against the description. */
  held(path: string, options?: AskOptions): Promise<Answer>;
}

async function described(
  t: Test,
  { base = '', ...options }: { base?: string; clock?: HeldClock } = {},
): Promise<Described> {
  const folder = await shopFolder(t, { 'typed.yaml': TYPED, 'columns.yaml': COLUMNS, 'faulty.yaml': FAULTY });
  const service = await listeningApp(t, { folder, environment: { BASE_PATH: base }, ...options });
  const document = (await service.get(`${base}/openapi.json`)).json<
    OpenapiDocument & Record<string, unknown>
  >();
  const faults = openapiValidator(document);
  const held = async (path: string, asked: AskOptions = {}) => {
    const answer = await service.get(base + path, asked);
    t.same(
      faults(asked.method ?? 'GET', base + path, answer),
      [],
      `${asked.method ?? 'GET'} ${path} as described`,
    );
    return answer;
  };
  return { ...service, folder, document, faults, held };
}

/** Parameters at their first example where the description wants them. */
function exampleQuery(document: OpenapiDocument, { parameters = [] }: Operation): string {
  const all = parameters.map((parameter) =>
    '$ref' in parameter
      ? (document.components.parameters?.[parameter.$ref.split('/').at(-1) ?? ''] as Parameter)
      : parameter,
  );
  const wanted = all.filter((parameter) => parameter.in === 'query' && parameter.required);
  return new URLSearchParams(
    wanted.map(({ name, example }): [string, string] => [name, String(example)]),
  ).toString();
}

/** The example of the description names a dashboard of the demo. */
const EXPLAINED = 'url=%2Fdashboards%2Fshop%2Fmetrics%3Fsite_id%3D3';

for (const base of ['', '/dash'])
  t.test(
    `every address that is described answers as described, by its examples; under ${base || '/'}`,
    async (t) => {
      const service = await described(t, { base });
      t.equal(service.document.servers[0]?.url, base || '/');
      let countOfDashboards = 0;
      for (const [path, item] of Object.entries(service.document.paths)) {
        if (!item.get || path.includes('{')) continue;
        const isAboutOne = path === '/cache/entries' || path === '/cache/why';
        const query = isAboutOne ? EXPLAINED : exampleQuery(service.document, item.get);
        const url = query === '' ? path : `${path}?${query}`;
        const isFaulty = path.startsWith('/dashboards/faulty');
        if (path.startsWith('/dashboards/')) countOfDashboards++;
        // A stream has no end that could be waited for; live.test.ts reads it.
        if (path.endsWith('/live')) {
          t.equal((await service.held(url, { method: 'HEAD' })).status, 200, url);
          continue;
        }
        for (const method of ['GET', 'HEAD', 'GET'] as const) {
          const { status } = await service.held(url, { method });
          t.ok(status === 200 || isFaulty, `${method} ${url}: ${status}`);
        }
        await service.held(url, { headers: { 'accept-encoding': 'br' } });
        for (const method of ['GET', 'HEAD'] as const)
          await service.held(url, { method, headers: { 'if-none-match': '*' } });
      }
      t.ok(countOfDashboards >= 20, `${countOfDashboards} addresses of dashboards`);
    },
  );

t.test('what is refused or cannot be served is answered as described', async (t) => {
  const service = await described(t);
  const REFUSED = [
    ['/dashboards/shop/metrics', 400],
    ['/dashboards/shop?site_id=x&perod=1', 400],
    ['/dashboards/shop/options/site_id?none=1', 400],
    ['/dashboards/none', 404],
    ['/dashboards/none/metrics?x=1', 404],
    ['/dashboards/shop/charts/none?site_id=1', 404],
    ['/dashboards/shop/options/period', 404],
    ['/dashboards/faulty/charts/broken?site_id=35', 502],
    ['/reports/cache-history?from=noon', 400],
  ] as const;
  for (const [path, status] of REFUSED)
    for (const method of ['GET', 'HEAD'] as const)
      t.equal((await service.held(path, { method })).status, status, path);
  for (const path of Object.keys(service.document.paths).filter((each) => !each.includes('{')))
    t.equal((await service.held(path, { method: 'DELETE' })).status, 405, `DELETE ${path}`);
});

t.test(
  'failures of the source: panels and whole dashboards as described, whatever the failure',
  async (t) => {
    const clock = new HeldClock();
    const service = await described(t, { clock });
    const source = scriptSource(service.app);
    const paths = [
      '/dashboards/shop/metrics?site_id=3',
      '/dashboards/shop?site_id=3',
      '/dashboards/shop/options/site_id',
    ];
    const codes = [
      ['source_deadline', 504],
      ['source_wrong_answer', 502],
      ['source_overloaded', 503],
      ['source_down', 503],
      ['internal', 500],
    ] as const;
    for (const [code, status] of codes) {
      source.failWith = new DashcacheError(code);
      for (const path of paths)
        for (const method of ['GET', 'HEAD'] as const)
          t.equal((await service.held(path, { method })).status, status, `${code} at ${path}`);
      clock.shift(2000);
    }
    source.failWith = null;
    const shown = '/dashboards/shop/charts/by_day?site_id=3';
    await service.held(shown);
    source.failWith = new DashcacheError('source_down');
    clock.shift(TTL_MS + 5000);
    t.match((await service.held(shown)).cacheStatus, 'ttl=-', 'stale');
    clock.shift(20 * TTL_MS);
    t.match((await service.held(shown)).cacheStatus, 'stale-if-error');
    const partly = await service.held('/dashboards/shop?site_id=3');
    t.equal(partly.status, 200);
    t.equal(partly.headers.etag, undefined, 'some panels failed');
  },
);

t.test('while it stops, readiness says no as described', async (t) => {
  const service = await described(t);
  service.app.lifecycle.drain();
  t.equal((await service.held('/health/ready')).status, 503);
  t.equal((await service.held('/health/ready', { method: 'HEAD' })).status, 503);
});

t.test('the types of a panel are those of its columns', async (t) => {
  const { document, held } = await described(t);
  const schemas = document.components.schemas ?? {};
  t.match(schemas['dashboard.columns.metrics'], {
    properties: {
      data: {
        anyOf: [
          {
            properties: {
              large: { type: ['integer', 'string', 'null'], title: 'Large' },
              small: { type: ['string', 'null'], description: 'better is up' },
              price: { type: ['number', 'string', 'null'] },
              paid: { type: ['string', 'null'], description: 'currency, in EUR' },
              nothing: { type: ['number', 'null'] },
              flag: { type: ['boolean', 'null'] },
              day: { type: ['string', 'null'], format: 'date' },
              at: { type: ['string', 'null'], format: 'date-time' },
              nested: { description: 'Any JSON' },
            },
          },
        ],
      },
      previous: { required: ['large', 'paid'] },
    },
  });
  t.match(schemas['dashboard.columns.charts.by_day'], {
    properties: {
      data: {
        properties: {
          type: { const: 'line' },
          labels: { items: { format: 'date' } },
          series: { prefixItems: [{ properties: { name: { const: 'price' } } }, {}], maxItems: 2 },
        },
      },
    },
  });
  const { data, previous } = (await held('/dashboards/columns/metrics')).json<Record<string, object>>();
  t.match(data, { large: '9007199254740993', small: '7', paid: '12.25', nothing: null, tenth: '0.1' });
  t.match(previous, { paid: '12.25' });
  t.match((await held('/dashboards/columns/charts/by_day')).json(), {
    data: { series: [{ name: 'price', values: ['1.50'] }, { name: 'count' }] },
  });
  t.match((await held('/dashboards/columns/summary?wide=true')).json(), { data: null });
});

t.test('the parameters of a dashboard stand at its addresses as declared', async (t) => {
  const { document } = await described(t);
  const parameters = document.components.parameters ?? {};
  t.match(parameters['dashboard.shop.site_id'], {
    in: 'query',
    required: true,
    schema: { type: 'integer', minimum: 1, 'x-tenant': true },
  });
  t.match(parameters['dashboard.columns.from'], {
    required: false,
    schema: { type: 'string', default: '2026-01-01/2026-02-01' },
    examples: { relative: { value: '7d' } },
  });
  t.match(parameters['dashboard.typed.s'], { schema: { maxLength: 40, minLength: 1, default: 'a' } });
  const of = (path: string) => JSON.stringify(document.paths[path]?.get?.parameters);
  t.match(of('/dashboards/shop/options/site_id'), 'dashboard.shop.site_id.unused', 'declared, but not bound');
});

const DAMAGES = [
  ['a value of another type', (text: string) => text.replace(/"sales":\d+/, '"sales":"many"')],
  ['a column that nobody declared', (text: string) => text.replace('"sales":', '"extra":1,"sales":')],
  ['a member less', (text: string) => text.replace(/"generated_at":"[^"]+",/, '')],
  ['the data of another panel', (text: string) => text.replace('"panel":"metrics"', '"panel":"summary"')],
] as const;
for (const [what, damage] of DAMAGES)
  t.test(`${what} is found`, async (t) => {
    const { held, faults } = await described(t);
    const path = '/dashboards/shop/metrics?site_id=3';
    const { status, headers, text } = await held(path);
    t.not(damage(text), text);
    t.ok(faults('GET', path, { status, headers, text: damage(text) }).length > 0);
  });

t.test('a status or a header that is not described is found', async (t) => {
  const { held, faults } = await described(t);
  const path = '/dashboards/shop/metrics?site_id=3';
  const { status, headers, text } = await held(path);
  t.match(faults('GET', path, { status: 207, headers, text }), [/207/]);
  t.match(faults('GET', path, { status, headers: { ...headers, 'dashcache-panels': 'x' }, text }), [
    /dashcache-panels/,
  ]);
  t.match(faults('GET', `${path}&other=1`, { status, headers, text }), [/parameter other is not described/]);
  const { age: _age, ...ageless } = headers;
  t.match(faults('GET', path, { status, headers: ageless, text }), [/has no age/]);
});

t.test('changed definitions change the description and its tag; before, a reader gets 304', async (t) => {
  const service = await described(t);
  const first = await service.get('/openapi.json');
  t.match(first.headers, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' });
  t.match(first.headers.etag, /^"[\w-]+"$/);
  const again = () =>
    service.get('/openapi.json', { headers: { 'if-none-match': String(first.headers.etag) } });
  t.equal((await again()).status, 304);
  writeFileSync(
    join(service.folder, 'shop.yaml'),
    SHOP.replace('SELECT name, city', 'SELECT name, city, id AS number'),
  );
  t.ok(await until(async () => (await again()).status === 200));
  const changed = await again();
  t.not(changed.headers.etag, first.headers.etag);
  t.match(changed.json()['components'], {
    schemas: {
      'dashboard.shop.summary': { properties: { data: { anyOf: [{ properties: { number: {} } }] } } },
    },
  });
  t.same(
    openapiValidator(changed.json())(
      'GET',
      '/dashboards/shop/summary?site_id=1',
      await service.get('/dashboards/shop/summary?site_id=1'),
    ),
    [],
  );
});

t.test('columns of a source that comes late are described once it is there', async (t) => {
  const folder = smallFolder(t);
  const [file, away] = [join(folder, 'tasks.csv'), join(folder, 'tasks.csv.away')];
  renameSync(file, away);
  const { get } = await listeningApp(t, { folder });
  const url = '/dashboards/open/charts/states';
  const seriesOf = async () => {
    const { components } = (await get('/openapi.json')).json<OpenapiDocument & Record<string, unknown>>();
    return JSON.stringify(components.schemas?.['dashboard.open.charts.states']);
  };
  t.notMatch(await seriesOf(), 'prefixItems', 'open while nobody knows them');
  renameSync(away, file);
  t.ok(await until(async () => (await seriesOf()).includes('"prefixItems"')));
  t.match(await seriesOf(), '"const":"total"');
  const document = (await get('/openapi.json')).json<OpenapiDocument & Record<string, unknown>>();
  t.same(openapiValidator(document)('GET', url, await get(url)), []);
});

t.test('no read of the description is counted', async (t) => {
  const { held } = await described(t);
  await held('/openapi.json');
  t.match((await held('/reports/cache-statistics/')).json(), { cache_stats: { total_requests: 0 } });
});
