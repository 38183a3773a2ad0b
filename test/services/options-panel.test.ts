import t from 'tap';
import type { Dashboard, Parameter } from '../../services/definitions/model.js';
import { optionsPanel } from '../../services/options-panel.js';
import {
  integerParameter,
  periodParameter,
  somewhere,
  statementOf,
  stringParameter,
} from '../helpers/cache-panels.js';

function dashboardOf(parameters: readonly Parameter[], sourceName: string | null = 'main'): Dashboard {
  return {
    id: 'operations',
    title: 'Operations',
    parameters: new Map(parameters.map((parameter) => [parameter.name, parameter])),
    tenantParameter: null,
    warming: null,
    tenantProof: 'required',
    sourceName,
    panels: new Map(),
    place: somewhere,
  };
}

function withOptions(parameter: Parameter, text: string): Parameter {
  return { ...parameter, options: statementOf(text) };
}

const site = withOptions(integerParameter('site_id', { tenant: true }), 'SELECT id, name FROM sites');

t.test('given a parameter with options, its query is a panel of its own', async (t) => {
  const panel = optionsPanel(dashboardOf([site]), 'site_id');
  t.match(panel, {
    dashboardId: 'operations',
    id: 'options/site_id',
    sourceName: 'main',
    queries: [{ name: null, statement: { text: 'SELECT id, name FROM sites' } }],
    chart: null,
    ttlOnly: true,
    policy: { ttlMs: 300_000, graceMs: 3_600_000, staleIfErrorMs: 86_400_000 },
  });
  t.same(panel?.parameters, []);
  t.same(panel?.tags, []);
});

t.test('given nothing to ask or nobody to ask, there is no panel', async (t) => {
  t.equal(optionsPanel(dashboardOf([site]), 'other'), null);
  t.equal(optionsPanel(dashboardOf([stringParameter('kind')]), 'kind'), null);
  t.equal(optionsPanel(dashboardOf([site], null), 'site_id'), null);
});

t.test(
  'given options that depend on other parameters, those are bound, in the order of the dashboard',
  async (t) => {
    const [kind, limit, period] = [
      stringParameter('kind'),
      integerParameter('limit'),
      periodParameter('period'),
    ];
    const text = 'SELECT id FROM rooms WHERE at >= :period_start AND kind = :kind AND site = :site_id';
    const room = withOptions(integerParameter('room'), text);
    const names = (all: readonly Parameter[]) =>
      optionsPanel(dashboardOf(all), 'room')?.parameters.map(({ name }) => name);
    t.same(names([site, kind, limit, period, room]), ['site_id', 'kind', 'period']);
    const byEnd = withOptions(integerParameter('room'), 'SELECT 1 WHERE :period_end > now()');
    t.same(names([period, byEnd]), ['period']);
    const byName = withOptions(integerParameter('room'), 'SELECT :period');
    t.same(names([period, byName]), [], 'a period binds its instants alone');
  },
);

t.test('given another query or source, another definition: old choices are never found', async (t) => {
  const hash = (text: string, source: string) =>
    optionsPanel(dashboardOf([withOptions(site, text)], source), 'site_id')?.definitionHash;
  const hashes = [hash('SELECT 1', 'main'), hash('SELECT 2', 'main'), hash('SELECT 1', 'other')];
  t.equal(new Set(hashes).size, 3);
  t.equal(hash('SELECT 1', 'main'), hashes[0]);
  t.not(hash('b', 'a'), hash('', 'ab'));
});
