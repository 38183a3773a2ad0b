import t from 'tap';
import type { DashcacheError } from '../../../errors.js';
import { checkQueries } from '../../../services/definitions/check-queries.js';
import { parseJsonPointer } from '../../../services/definitions/json-pointer.js';
import type { Definitions, Panel } from '../../../services/definitions/model.js';
import { resolveParameters } from '../../../services/definitions/resolve-parameters.js';
import { requestTarget } from '../../../services/sources/http/request-target.js';
import { openForTest } from '../sources/http/http-fixture.js';
import { definitionsOf } from './some-definitions.js';

const DASHCACHE = `
sources:
  legacy: { type: http, url: "http://127.0.0.1:9000/reports/", headers: { Authorization: "Bearer \${TOKEN}" } }
`;
const DASHBOARD = `
id: a
source: legacy
params:
  region: { type: string }
  floor: { type: integer, optional: true }
  open: { type: boolean, default: true }
  share: { type: number, default: 1.50 }
  day: { type: date, default: 2026-02-28 }
  period: { type: period, default: 2026-01-01/2026-02-01 }
metrics:
  path: /sales/:region/daily?floor=:floor&open=:open&share=:share&day=:day&from=:period_start&fixed=a%20b&flag
  rows: /data/0/a~1b
`;

async function load(
  change: (text: string) => string = (text) => text,
  given: { token?: string; dashcache?: (text: string) => string } = {},
): Promise<Definitions> {
  const { token = 'secret', dashcache = (text) => text } = given;
  const files = { 'dashcache.yaml': dashcache(DASHCACHE), 'a.yaml': change(DASHBOARD) };
  return definitionsOf(files, { environment: { TOKEN: token } });
}

function metricsOf(definitions: Definitions): Panel {
  const panel = definitions.dashboards.get('a')?.panels.get('metrics');
  if (!panel) throw new Error('There are no metrics');
  return panel;
}

/** What is asked for a raw query string. */
function targetOf(definitions: Definitions, rawQuery: string): string {
  const dashboard = definitions.dashboards.get('a');
  const panel = metricsOf(definitions);
  const request = panel.queries[0]?.statement.request;
  if (!dashboard || !request) throw new Error('There is no request');
  const resolved = resolveParameters({ dashboard, panels: [panel], rawQuery, nowMs: Date.UTC(2026, 5, 15) });
  return requestTarget(request, new Map([...resolved.values()].flatMap(({ binds }) => [...binds])));
}

t.test('a source as declared: names of headers in lower case, no last slash, values filled in', async (t) => {
  t.match((await load()).sources.get('legacy'), {
    type: 'http',
    url: 'http://127.0.0.1:9000/reports',
    headers: new Map([['authorization', 'Bearer secret']]),
    concurrencyCount: 4,
  });
});

t.test('every type of value has one spelling, NULL takes its name with it', async (t) => {
  const definitions = await load();
  t.equal(
    targetOf(definitions, 'region=north'),
    '/sales/north/daily?open=true&share=1.5&day=2026-02-28&from=2026-01-01T00%3A00%3A00Z&fixed=a%20b&flag',
  );
  t.equal(
    targetOf(
      definitions,
      'region=a%2F..%2Fb%3Fx%3D1&floor=-3&open=false&share=1e21&period=2026-01-01T10:00:00.250Z/2026-02-01T00:00:00Z',
    ),
    '/sales/a%2F..%2Fb%3Fx%3D1/daily?floor=-3&open=false&share=1e%2B21&day=2026-02-28&from=2026-01-01T10%3A00%3A00.25Z&fixed=a%20b&flag',
  );
});

t.test('a value that would climb is the fault of the request', async (t) => {
  const definitions = await load();
  for (const region of ['.', '..', '%2E%2E']) {
    const error = t.throws(() => targetOf(definitions, `region=${region}`)) as unknown as DashcacheError;
    t.match(error, { code: 'parameters_invalid', errors: [{ parameter: 'region' }] });
  }
  t.match(targetOf(definitions, 'region=...'), '/sales/.../daily', 'three dots are a name');
});

t.test('even where nobody checked it before, such a value asks nothing', async (t) => {
  const request = metricsOf(await load()).queries[0]?.statement.request;
  for (const value of ['..', '.', '', null])
    t.throws(
      () =>
        requestTarget(
          { path: request?.path ?? [], query: [] },
          new Map([['region', { type: 'string', value }]]),
        ),
      { code: 'source_wrong_answer' },
    );
});

t.test('the hash changes with all that decides what is answered, the credential included', async (t) => {
  const hashes = await Promise.all(
    [
      load(),
      load((text) => text.replace('/daily', '/weekly')),
      load((text) => text.replace('rows: /data', 'rows: /date')),
      load(undefined, { token: 'another' }),
      load(undefined, { dashcache: (text) => text.replace(':9000', ':9001') }),
      load(undefined, { dashcache: (text) => text.replace('Authorization', 'X-Key') }),
    ].map(async (loading) => metricsOf(await loading).definitionHash),
  );
  t.equal(new Set(hashes).size, hashes.length);
  const same = await load(undefined, { dashcache: (text) => text.replace('http,', 'http, concurrency: 2,') });
  t.equal(metricsOf(same).definitionHash, hashes[0]);
  t.notMatch(hashes[0], 'secret');
});

t.test('a path is checked without asking: its columns and tables are unknown, which is said', async (t) => {
  const definitions = await load((text) => `${text}  values: { anything: { title: Any } }\n`);
  const { source, observed } = openForTest(t, {});
  const sources = new Map([['legacy', source]]);
  const { checked, faults, absent } = await checkQueries(definitions, sources);
  t.same([faults, absent], [[], []]);
  t.same(checked.get(metricsOf(definitions)), [{ columns: null, tables: [], verdict: 'unknown' }]);
  const strict = await checkQueries(definitions, sources, { unknownDependencies: 'fault' });
  t.same(strict.faults, [], 'an endpoint has no tables to name');
  t.equal(observed.length, 0);
  await t.rejects(
    source.check(
      {
        text: '/:x',
        segments: ['/', ''],
        names: ['x'],
        request: { path: [{ bind: 'x' }], query: [], pointer: [], gives: 'row' },
      },
      new Map(),
    ),
    {
      name: 'StatementRejected',
      offset: 1,
    },
  );
});

t.test('JSON pointers as RFC 6901 writes them', (t) => {
  t.same(parseJsonPointer(''), []);
  t.same(parseJsonPointer('/'), ['']);
  t.same(parseJsonPointer('/a~1b/m~0n/0/~01'), ['a/b', 'm~n', '0', '~1']);
  t.end();
});
