import t from 'tap';
import { statusOf } from '../../services/http/status-of.js';
import { fakeApp } from './fixtures/fake-app.js';
import { dashboard, fakeDefinitions, panel } from './fixtures/fake-definitions.js';

t.test('the catalogue tells all that a front end needs to ask and to show', async (t) => {
  const { app } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject('/dashboards');
  t.equal(response.statusCode, 200);
  const [operations, open] = response.json().dashboards;
  t.same(Object.keys(operations), ['id', 'title', 'tenant', 'params', 'panels']);
  t.equal(operations.tenant, 'site_id');
  t.same(operations.params, {
    type: 'object',
    properties: {
      site_id: { title: 'A title', type: 'integer', minimum: 1, 'x-tenant': true, 'x-options': true },
      period: {
        title: 'A title',
        type: 'string',
        'x-period': { maximum: '366d', align: '1d', timezone: 'UTC' },
        default: '30d',
      },
      status: { title: 'A title', type: 'string', maxLength: 200, enum: ['open', 'done'] },
    },
    required: ['site_id'],
    additionalProperties: false,
  });
  t.same(
    operations.panels.map(({ id, type }: { id: string; type: string }) => [id, type]),
    [
      ['metrics', 'metrics'],
      ['charts/tasks', 'line'],
      ['charts/work_orders', 'line'],
      ['summary', 'summary'],
    ],
  );
  t.match(operations.panels[0].values, { total: { title: 'Tasks', format: 'integer', better: 'up' } });
  t.equal(open.tenant, null);
  t.same(open.params.properties, {});
});

t.test('every type of parameter is told as JSON Schema', async (t) => {
  const place = { file: 'x', line: 1, column: 1 };
  const base = { title: 'T', tenant: false, optional: false, options: null, defaultText: null, place };
  const definitions = {
    ...fakeDefinitions(),
    dashboards: new Map([
      [
        'all',
        dashboard(
          'all',
          [
            { ...base, name: 'n', type: 'number', minimum: null, maximum: 9.5, defaultText: '1.5' },
            { ...base, name: 'b', type: 'boolean', defaultText: 'false' },
            { ...base, name: 'd', type: 'date', defaultText: '2026-01-01' },
            { ...base, name: 't', type: 'timestamp', optional: true },
            { ...base, name: 's', type: 'string', enum: null, pattern: /^a+$/, maxLengthCount: 9 },
          ],
          [panel('all', 'summary')],
        ),
      ],
    ]),
  };
  const { app } = await fakeApp({ definitions });
  t.teardown(() => app.close());
  const { params } = (await app.inject('/dashboards')).json().dashboards[0];
  t.same(params.properties, {
    n: { title: 'T', type: 'number', maximum: 9.5, default: 1.5 },
    b: { title: 'T', type: 'boolean', default: false },
    d: { title: 'T', type: 'string', format: 'date', default: '2026-01-01' },
    t: { title: 'T', type: 'string', format: 'date-time' },
    s: { title: 'T', type: 'string', maxLength: 9, pattern: '^a+$' },
  });
  t.same(params.required, ['s']);
});

t.test('the catalogue is conditional, and asked for anew each time', async (t) => {
  const { app } = await fakeApp();
  t.teardown(() => app.close());
  const { headers } = await app.inject({ url: '/dashboards', headers: { 'accept-encoding': 'br' } });
  t.equal(headers['cache-control'], 'no-cache');
  t.equal(headers['content-encoding'], 'br');
  const again = { 'if-none-match': String(headers.etag) };
  t.equal((await app.inject({ url: '/dashboards', headers: again })).statusCode, 304);
});

t.test('options are read as what they are: the tenants themselves belong to no tenant', async (t) => {
  const { app, reader } = await fakeApp();
  t.teardown(() => app.close());
  const response = await app.inject('/dashboards/operations/options/site_id');
  t.equal(response.statusCode, 200);
  t.same(response.json(), { options: [{ value: 7, label: 'North' }] });
  t.match(response.headers['cache-status'], 'dashcache; hit');
  t.equal(reader.asked[0]?.tenant.text, null);
  t.equal(reader.asked[0]?.panel.id, 'options/site_id');
});

const UNKNOWN = [
  ['/dashboards/none', 'dashboard_unknown'],
  ['/dashboards/none/metrics', 'dashboard_unknown'],
  ['/dashboards/none/options/site_id', 'dashboard_unknown'],
  ['/dashboards/open/metrics', 'panel_unknown'],
  ['/dashboards/operations/charts/none?site_id=7', 'panel_unknown'],
  ['/dashboards/operations/options/none', 'parameter_unknown'],
  ['/dashboards/operations/options/period', 'parameter_unknown'],
  ['/dashboards/__proto__/metrics', 'dashboard_unknown'],
  ['/dashboards/constructor', 'dashboard_unknown'],
  ['/dashboards/operations%00/metrics', 'dashboard_unknown'],
  ['/dashboards/operations%2Fmetrics', 'dashboard_unknown'],
  ['/dashboards/operations/metrics/', 'route_unknown'],
  [`/dashboards/${'x'.repeat(3000)}/metrics`, 'route_unknown'],
  ['/dashboards/%', 'request_malformed'],
  ['/dashboards/%ff%fe/metrics', 'request_malformed'],
  ['/', 'route_unknown'],
] as const;
for (const [url, code] of UNKNOWN) {
  t.test(`${url.slice(0, 60)} is ${code}`, async (t) => {
    const { app } = await fakeApp();
    t.teardown(() => app.close());
    for (const method of ['GET', 'HEAD'] as const) {
      const response = await app.inject({ method, url });
      t.equal(response.statusCode, statusOf(code));
      t.equal(response.headers['content-type'], 'application/problem+json');
      t.equal(response.headers['cache-control'], 'no-store');
      if (method === 'GET') t.equal(response.json().code, code);
    }
  });
}
