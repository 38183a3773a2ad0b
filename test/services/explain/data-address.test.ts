import t from 'tap';
import { dataAddress } from '../../../services/explain/data-address.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const DASHBOARD = `
id: operations
source: main
params:
  site_id: { type: integer, tenant: true, options: SELECT 1 AS id }
metrics: { query: "SELECT :site_id AS one" }
charts:
  tasks: { type: line, labels: day, query: "SELECT :site_id AS day, 2 AS total" }
`;
const definitions = await definitionsOf({ 'operations.yaml': DASHBOARD });
const read = (text: string, basePath = '') => {
  const { url, dashboard, panels, rawQuery } = dataAddress(text, { definitions, basePath });
  return [url, dashboard.id, panels.map(({ id }) => id).join(' '), rawQuery];
};

t.test('an address is read as the data routes read it', async (t) => {
  const metrics = ['/dashboards/operations/metrics?site_id=7', 'operations', 'metrics', 'site_id=7'];
  t.same(read('/dashboards/operations/metrics?site_id=7'), metrics);
  t.same(read('http://127.0.0.1:8000/dashboards/operations/metrics?site_id=7'), metrics);
  t.same(read('HTTPS://dash.example/dashboards/operations/metrics?site_id=7#top'), metrics);
  t.same(read('/dash/dashboards/operations/metrics?site_id=7', '/dash'), metrics);
  t.same(read('/dashboards/operations/metrics?site_id=7', '/dash'), metrics, 'also as seen behind the proxy');
  t.same(read('/dashboards/operations/charts/tasks?a=%26?b'), [
    '/dashboards/operations/charts/tasks?a=%26?b',
    'operations',
    'charts/tasks',
    'a=%26?b',
  ]);
  t.same(read('/dashboards/operations'), [
    '/dashboards/operations',
    'operations',
    'metrics charts/tasks',
    '',
  ]);
  t.same(read('/dashboards/operations/')[2], 'metrics charts/tasks');
  t.same(read('/dashboards/operat%69ons/options/site_id')[2], 'options/site_id');
});

t.test('what is no address of data is refused by name', async (t) => {
  for (const text of [
    '',
    '/',
    '/dashboards',
    '/dashboards/',
    'operations',
    '/metrics',
    '?x',
    `/${'x'.repeat(9000)}`,
  ])
    t.throws(
      () => read(text),
      { code: 'parameters_invalid', errors: [{ parameter: 'url' }] },
      text.slice(0, 30),
    );
  t.throws(() => read('/dashboards/%E0%A4%A'), { code: 'parameters_invalid' });
  t.throws(() => read('/dashboards/operation'), { code: 'dashboard_unknown' });
  t.throws(() => read('/dashboards/operations/charts/x'), { code: 'panel_unknown' });
  t.throws(() => read('/dashboards/operations/options/x'), { code: 'parameter_unknown' });
});
