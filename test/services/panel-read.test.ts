import t from 'tap';
import type { Panel, ResolvedParameter, ValueDefinition } from '../../services/definitions/model.js';
import { noTenant, type Tenant, tenantFromParameter } from '../../services/definitions/tenant.js';
import {
  bindsOf,
  comparisonOf,
  keyOf,
  panelRead,
  queriesCountOf,
  renderPanel,
} from '../../services/panel-read.js';
import {
  integerParameter,
  panelOf,
  parametersOf,
  periodParameter,
  queryOf,
  resolved,
  resolvedPeriod,
  stringParameter,
} from '../helpers/cache-panels.js';

const site = integerParameter('site_id', { tenant: true });
const kind = stringParameter('kind');
const limit = integerParameter('limit');
const period = periodParameter('period');
const seven = tenantFromParameter('7');

function keyHash(
  given: {
    panel?: Partial<Panel>;
    parameters?: readonly ResolvedParameter[];
    tenant?: Tenant;
    tags?: string[];
  } = {},
): string {
  const panel = panelOf({ parameters: [kind, limit], ...given.panel });
  const parameters = given.parameters ?? [resolved(kind, 'a'), resolved(limit, 10)];
  return keyOf(panelRead(panel, parametersOf(...parameters), given.tenant ?? noTenant), given.tags ?? ['t'])
    .hash;
}

t.test('given the same read again, the key is the same, whatever the order of the request', async (t) => {
  t.equal(keyHash(), keyHash());
  t.equal(keyHash({ parameters: [resolved(limit, 10), resolved(kind, 'a')] }), keyHash());
});

t.test('given a parameter that the panel does not bind, the key does not know it', async (t) => {
  const other = stringParameter('other');
  const asked = [resolved(kind, 'a'), resolved(limit, 10), resolved(other, 'whatever')];
  t.equal(keyHash({ parameters: asked }), keyHash());
  const read = panelRead(panelOf({ parameters: [kind] }), parametersOf(...asked), noTenant);
  t.same(
    read.bound.map(({ parameter }) => parameter.name),
    ['kind'],
  );
  t.same([...bindsOf(read).keys()], ['kind'], 'nor does the query');
});

t.test('given anything that decides the answer, another key', async (t) => {
  const { policy, title } = panelOf();
  const keys = [
    keyHash(),
    keyHash({ parameters: [resolved(kind, 'b'), resolved(limit, 10)] }),
    keyHash({ parameters: [resolved(kind, null), resolved(limit, 10)] }),
    keyHash({ parameters: [resolved(kind, 'null'), resolved(limit, 10)] }),
    keyHash({ parameters: [resolved(kind, ''), resolved(limit, 10)] }),
    keyHash({ parameters: [resolved(kind, 'a'), resolved(limit, 1)] }),
    keyHash({ panel: { definitionHash: 'e'.repeat(32) } }),
    keyHash({ panel: { id: 'summary' } }),
    keyHash({ panel: { dashboardId: 'other' } }),
    keyHash({ tags: ['t', 'u'] }),
    keyHash({ tags: [] }),
    keyHash({ tenant: seven }),
    keyHash({ tenant: tenantFromParameter('8') }),
    keyHash({ tenant: tenantFromParameter('') }),
  ];
  t.equal(new Set(keys).size, keys.length);
  t.equal(
    keyHash({ panel: { title: `${title}!`, policy: { ...policy, ttlMs: 1 } } }),
    keyHash(),
    'and nothing else',
  );
});

t.test('given one text as a value of two types, two keys', async (t) => {
  const asText = stringParameter('value');
  const asInteger = integerParameter('value');
  t.not(
    keyHash({ panel: { parameters: [asText] }, parameters: [resolved(asText, '1')] }),
    keyHash({ panel: { parameters: [asInteger] }, parameters: [resolved(asInteger, 1)] }),
  );
});

t.test('given a parameter that was not resolved, that is a fault of the caller', async (t) => {
  const panel = panelOf({ parameters: [kind] });
  t.throws(() => panelRead(panel, parametersOf(), noTenant), /kind.*not resolved/);
});

t.test('given a tenant parameter that is not the tenant, nothing is read', async (t) => {
  const panel = panelOf({ parameters: [site] });
  t.throws(() => panelRead(panel, parametersOf(resolved(site, 8)), seven), /not the tenant/);
  t.throws(() => panelRead(panel, parametersOf(resolved(site, 7)), noTenant), /not the tenant/);
  t.throws(() => panelRead(panel, parametersOf(resolved(site, null)), seven), /not the tenant/);
  t.doesNotThrow(() => panelRead(panel, parametersOf(resolved(site, 7)), seven));
  t.doesNotThrow(() => panelRead(panel, parametersOf(resolved(site, null)), noTenant));
});

t.test('given a read, it can not be changed on its way to the query', async (t) => {
  const read = panelRead(panelOf({ parameters: [kind] }), parametersOf(resolved(kind, 'a')), noTenant);
  t.ok(Object.isFrozen(read));
});

const compared: ValueDefinition = {
  ...{ title: 'Tasks', format: null, unit: null, digits: null, better: null, exact: false },
  compare: 'previous_period',
};
/** One query of the period, and one that is not of it. */
const queries = [queryOf('SELECT :period_start, :kind'), queryOf('SELECT :kind')];

t.test('given a period, its two instants are bound, and those before it for the period before', async (t) => {
  const day = 86_400_000;
  const from = Date.UTC(2026, 0, 11);
  const parameters = parametersOf(resolved(kind, 'a'), resolvedPeriod(period, '2026-01-11', 10));
  const panel = panelOf({ parameters: [kind, period], queries, values: new Map([['n', compared]]) });
  const read = panelRead(panel, parameters, noTenant);
  t.same(
    [...bindsOf(read)],
    [
      ['kind', { type: 'string', value: 'a' }],
      ['period_start', { type: 'timestamp', value: from }],
      ['period_end', { type: 'timestamp', value: from + 10 * day }],
    ],
  );
  t.same(
    [...(comparisonOf(read)?.binds ?? [])],
    [
      ['kind', { type: 'string', value: 'a' }],
      ['period_start', { type: 'timestamp', value: from - 10 * day }],
      ['period_end', { type: 'timestamp', value: from }],
    ],
  );
  t.same(comparisonOf(read)?.queries, queries.slice(0, 1), 'the other has the same result again');
  t.equal(queriesCountOf(read), 3);
});

t.test('given no period, or nothing that is compared, nothing is asked for the period before', async (t) => {
  const values = new Map([['n', compared]]);
  const periodless = panelRead(
    panelOf({ parameters: [kind], queries, values }),
    parametersOf(resolved(kind, 'a')),
    noTenant,
  );
  const plain = panelRead(
    panelOf({ parameters: [period], queries }),
    parametersOf(resolvedPeriod(period, '2026-01-11', 10)),
    noTenant,
  );
  for (const read of [periodless, plain]) {
    t.equal(comparisonOf(read), null);
    t.equal(queriesCountOf(read), 2);
  }
});

t.test('given a content, the body around it is the one of the interface', async (t) => {
  const panel = panelOf({ parameters: [site, kind, limit], id: 'charts/tasks' });
  const asked = parametersOf(resolved(kind, 'a "quoted" one'), resolved(site, 7), resolved(limit, null));
  const body = renderPanel(
    panelRead(panel, asked, seven),
    '"data":{"n":1}',
    Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  );
  t.equal(
    body,
    '{"dashboard":"operations","panel":"charts/tasks",' +
      '"params":{"site_id":7,"kind":"a \\"quoted\\" one","limit":null},' +
      '"generated_at":"2026-01-02T03:04:05.006Z","data":{"n":1}}',
  );
  t.doesNotThrow(() => JSON.parse(body));
});

t.test('given no parameters, params is empty', async (t) => {
  const body = renderPanel(panelRead(panelOf(), parametersOf(), noTenant), '"data":null', 0);
  t.same(JSON.parse(body).params, {});
});
