import t, { type Test } from 'tap';
import { systemClock } from '../../services/clock.js';
import type { Dashboard, Panel } from '../../services/definitions/model.js';
import type { Identity } from '../../services/identity/identity.js';
import { Tenants } from '../../services/identity/tenants.js';
import { optionsPanel } from '../../services/options-panel.js';
import { Questions } from '../../services/questions.js';
import { ObservedReads } from '../../services/warming/observed-reads.js';
import { MemoryQuestionStore } from '../../services/warming/question-store.js';
import { definitionsOf } from './definitions/some-definitions.js';

const SITES = `
id: sites
source: main
params:
  site_id: { type: integer, tenant: true, options: SELECT 1 AS value }
  kind: { type: string, default: all }
metrics:
  query: SELECT 1 AS one WHERE :site_id = 7 AND :kind = 'all'
charts:
  kinds: { type: line, labels: kind, query: "SELECT :kind AS kind, 1 AS one WHERE :site_id = 7" }
`;

const ADMIN: Identity = { name: 'admin', roles: ['admin'], tenants: [] };

function by(identity: Identity | null) {
  return { identity, nowMs: systemClock.nowMs() };
}

function holderOf(...tenants: string[]): Identity {
  return { name: `holder of ${tenants.join()}`, roles: ['reader'], tenants };
}

async function asking({ hasIdentities = true } = {}) {
  const { dashboards } = await definitionsOf({ 'sites.yaml': SITES });
  const dashboard = dashboards.get('sites') as Dashboard;
  const observed = new ObservedReads({ store: new MemoryQuestionStore(), clock: systemClock });
  const tenants = new Tenants({ hasIdentities, clock: systemClock });
  const questions = new Questions({ tenants, observed });
  const panel = dashboard.panels.get('metrics') as Panel;
  return {
    dashboard,
    observed,
    questions,
    metrics: (query: string, identity: Identity | null = null) =>
      questions.askPanel(`/dashboards/sites/metrics?${query}`, dashboard, panel, by(identity)).question,
  };
}

const forbidden = { code: 'forbidden' };

t.test(
  'given the same address again, the same question, and still nobody sees what is not his',
  async (t) => {
    const { metrics } = await asking();
    const first = metrics('site_id=7', holderOf('7'));
    t.equal(metrics('site_id=7', holderOf('7', '8')), first, 'of another one who holds it');
    t.equal(metrics('site_id=7', ADMIN), first);
    t.equal(first.tenant.text, '7');
    t.throws(() => metrics('site_id=7', holderOf('8')), forbidden);
    t.throws(() => metrics('site_id=7', holderOf()), forbidden);
    t.throws(() => metrics('site_id=7', null), forbidden, 'nobody');
  },
);

t.test('given a tenant that is left out, each is asked about the one that he holds', async (t) => {
  const { metrics } = await asking();
  const askers = [holderOf('7'), holderOf('8'), holderOf('07', '7')];
  for (let round = 0; round < 2; round++)
    t.same(
      askers.map((identity) => metrics('kind=all', identity).tenant.text),
      ['7', '8', '7'],
    );
  t.equal(metrics('kind=all', holderOf('7')), metrics('kind=all', holderOf('7')), 'asked once for both');
  for (let round = 0; round < 2; round++) {
    t.throws(() => metrics('kind=all', holderOf('7', '8')), { code: 'parameters_invalid' }, 'which of them?');
    t.throws(() => metrics('kind=all', ADMIN), { code: 'parameters_invalid' }, 'whose?');
    t.throws(() => metrics('kind=all', holderOf()), forbidden);
  }
});

t.test('without identities the query is believed', async (t) => {
  const { metrics } = await asking({ hasIdentities: false });
  t.equal(metrics('site_id=9').tenant.text, '9');
  t.throws(() => metrics('kind=all'), { code: 'parameters_invalid' });
});

t.test('questions that mean the same say so, however they are spelled, and no others do', async (t: Test) => {
  const { metrics, questions, dashboard } = await asking({ hasIdentities: false });
  const { meaning } = metrics('site_id=7&kind=all');
  for (const query of ['site_id=7', 'kind=all&site_id=7', 'site_id=%37&&kind=a%6cl'])
    t.equal(metrics(query).meaning, meaning, query);
  for (const query of ['site_id=8', 'site_id=7&kind=al', 'site_id=7&kind=all%0asite_id%3D1:7'])
    t.not(metrics(query).meaning, meaning, query);
  const panels = [...dashboard.panels.values()];
  const whole = questions.ask('/dashboards/sites?site_id=7', { dashboard, panels, panelId: null }, by(null));
  t.not(whole.meaning, meaning, 'the whole dashboard');
  t.same(
    whole.reads.map(({ panel }) => panel.id),
    ['metrics', 'charts/kinds'],
  );
});

t.test('the tenants to choose from are no tenant’s', async (t) => {
  const { questions, dashboard } = await asking();
  const sites = optionsPanel(dashboard, 'site_id') as Panel;
  for (let round = 0; round < 2; round++) {
    const url = '/dashboards/sites/options/site_id';
    const { question, read } = questions.askPanel(url, dashboard, sites, by(holderOf('8')));
    t.equal(question.tenant.text, null);
    t.equal(read.panel.id, 'options/site_id');
  }
});

t.test('what is asked is noted as it was written, each time', async (t) => {
  const { metrics, observed } = await asking({ hasIdentities: false });
  for (let i = 0; i < 3; i++) metrics('site_id=7').note();
  metrics('kind=all&site_id=7').note();
  const hottest = await observed.hottest('sites', 5);
  t.same(
    hottest.map(({ texts, tenantText }) => [tenantText, [...texts]]),
    [['7', []]],
  );
});
