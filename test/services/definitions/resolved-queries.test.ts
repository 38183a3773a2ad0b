import t from 'tap';
import type { Dashboard, Parameter } from '../../../services/definitions/model.js';
import { resolveParameters } from '../../../services/definitions/resolve-parameters.js';
import { ResolvedQueries } from '../../../services/definitions/resolved-queries.js';
import { definitionsOf } from './some-definitions.js';

const NOON_MS = Date.UTC(2026, 5, 15, 12);
const DAY_MS = 86_400_000;

/** `align`: of its period. The summary binds the tenant alone. */
async function dashboardAligned(align: string): Promise<Dashboard> {
  const text = `
id: some
source: main
params:
  site_id: { type: integer, tenant: true }
  period: { type: period, default: 30d, align: ${align} }
metrics:
  query: SELECT 1 AS one WHERE :site_id = 7 AND :period_start < :period_end
summary:
  query: SELECT 1 AS one WHERE :site_id = 7
`;
  const { dashboards } = await definitionsOf({ 'some.yaml': text });
  const dashboard = dashboards.get('some');
  if (!dashboard) throw new Error('The dashboard was not loaded');
  return dashboard;
}

interface Asked {
  readonly nowMs?: number;
  readonly panelId?: string | null;
  readonly leftOutText?: (parameter: Parameter) => string | undefined;
}

function asking(dashboard: Dashboard, queries = new ResolvedQueries()) {
  return (url: string, { nowMs = NOON_MS, panelId = 'metrics', ...asked }: Asked = {}) => {
    const panels = [...dashboard.panels.values()].filter(({ id }) => panelId === null || id === panelId);
    return queries.resolve(url, { dashboard, panels, panelId, nowMs, ...asked });
  };
}

const URL = '/dashboards/some/metrics?site_id=7&period=7d';

t.test('given the same address again, the same parameters, as if they were resolved anew', async (t) => {
  const dashboard = await dashboardAligned('1d');
  const ask = asking(dashboard);
  const first = ask(URL);
  t.equal(ask(URL).parameters, first.parameters, 'not once more');
  t.equal(first.rawQuery, 'site_id=7&period=7d');
  const panels = [...dashboard.panels.values()].filter(({ id }) => id === 'metrics');
  const { rawQuery } = first;
  t.same(first.parameters, resolveParameters({ dashboard, panels, rawQuery, nowMs: NOON_MS }));
  t.equal(ask(`${URL}#site_id=8`).rawQuery, 'site_id=7&period=7d', 'a fragment is no query');
  t.equal(ask(`${URL.replace('7&', '8&')}`).parameters.get('site_id')?.canonical, '8');
});

t.test('given a period that has moved on, or a clock that is set back, it is resolved anew', async (t) => {
  const ask = asking(await dashboardAligned('1d'));
  const today = ask(URL).parameters;
  const tomorrow = ask(URL, { nowMs: NOON_MS + DAY_MS }).parameters;
  t.not(tomorrow, today);
  t.not(tomorrow.get('period')?.canonical, today.get('period')?.canonical);
  t.equal(
    ask(URL, { nowMs: NOON_MS }).parameters.get('period')?.canonical,
    today.get('period')?.canonical,
    'what was resolved later says nothing of before',
  );
});

t.test('given other definitions or another panel under the same address, it is resolved anew', async (t) => {
  const queries = new ResolvedQueries();
  const before = asking(await dashboardAligned('1d'), queries)(URL).parameters;
  const wider = await dashboardAligned('1h');
  const after = asking(wider, queries)(URL).parameters;
  t.not(after.get('period')?.canonical, before.get('period')?.canonical);
  t.same([...asking(wider, queries)(URL, { panelId: 'summary' }).parameters.keys()], ['site_id']);
});

t.test('given a tenant that is left out, nobody gets what another one meant', async (t) => {
  const ask = asking(await dashboardAligned('1d'));
  const url = '/dashboards/some/metrics?period=7d';
  const askedBy = (text: string) =>
    ask(url, { leftOutText: ({ tenant }) => (tenant ? text : undefined) }).parameters;
  for (let round = 0; round < 2; round++)
    for (const tenant of ['7', '8']) t.equal(askedBy(tenant).get('site_id')?.canonical, tenant);
  t.equal(askedBy('7'), askedBy('7'), 'not once more for each');
  t.throws(() => ask(url), { code: 'parameters_invalid' }, 'and who means none is told so');
});

t.test(
  'given what is not valid, it is refused each time, and a very long address is answered all the same',
  async (t) => {
    const ask = asking(await dashboardAligned('1d'));
    for (let i = 0; i < 2; i++) t.throws(() => ask(`${URL}&nonsense=1`), { code: 'parameters_invalid' });
    const long = `${URL}&${'&'.repeat(1000)}`;
    t.equal(ask(long).parameters.get('site_id')?.canonical, '7');
    t.not(ask(long).parameters, ask(long).parameters, 'and not kept');
    t.same([ask(long).isKept, ask(URL).isKept], [false, true]);
  },
);
