import t from 'tap';
import type { Panel } from '../../services/definitions/model.js';
import { noTenant, tenantFromParameter } from '../../services/definitions/tenant.js';
import { CachedSource, panelOf, parametersOf, rowOf } from '../helpers/cache-panels.js';
import { bodyOf, serviceOf } from '../helpers/cache-service.js';

const nothing = parametersOf();

function choices(...names: readonly string[]) {
  return {
    columns: [
      { name: 'id', type: 'integer' as const },
      { name: 'name', type: 'text' as const },
    ],
    rows: names.map((name, i) => [i + 1, name]),
  };
}

t.test('given the choices of a parameter, they are cached as they are sent', async (t) => {
  const source = new CachedSource(() => choices('North', 'South'));
  const { service } = serviceOf(source);
  const asked = { panel: panelOf({ id: 'options/site_id' }), parameters: nothing, tenant: noTenant };
  const miss = await service.read(asked);
  t.same(bodyOf(miss), {
    options: [
      { value: 1, label: 'North' },
      { value: 2, label: 'South' },
    ],
  });
  t.equal((await service.read(asked)).outcome, 'hit');
  t.equal(source.asked.length, 1);
});

t.test('given choices of another tenant, they are asked for apart', async (t) => {
  const source = new CachedSource(() => choices('North'));
  const { service } = serviceOf(source);
  const panel = panelOf({ id: 'options/room' });
  for (const tenant of ['7', '8', '7'])
    await service.read({ panel, parameters: nothing, tenant: tenantFromParameter(tenant) });
  t.equal(source.asked.length, 2);
});

t.test('given a panel for choices without a query, that is a fault of ours', async (t) => {
  const { service } = serviceOf(new CachedSource(() => choices()));
  const panel = panelOf({ id: 'options/none', queries: [] });
  await t.rejects(service.read({ panel, parameters: nothing, tenant: noTenant }), /no query/);
});

t.test(
  'given tables known only now, entries from before are not found: their tags were too few',
  async (t) => {
    const source = new CachedSource(() => rowOf({ n: 1 }));
    const { service, tables } = serviceOf(source);
    const asked = { panel: panelOf(), parameters: nothing, tenant: noTenant };
    tables.set('metrics', []);
    await service.read(asked);
    tables.set('metrics', ['tasks']);
    t.equal((await service.read(asked)).outcome, 'miss');
  },
);

/** A service whose panels of that tables have all been read once; gives what became of each after an expire. */
async function afterExpire(given: {
  panels: readonly Panel[];
  tables: Readonly<Record<string, readonly string[]>>;
  expire: readonly [source: string, tables: readonly string[]];
}): Promise<Record<string, string>> {
  const one = () => rowOf({ n: 1 });
  const { service, tables, cache, clock } = serviceOf(new CachedSource(one), new CachedSource(one, 'other'));
  for (const [id, names] of Object.entries(given.tables)) tables.set(id, names);
  const read = (panel: Panel) => service.read({ panel, parameters: nothing, tenant: noTenant });
  for (const panel of given.panels) await read(panel);
  clock.advance(1);
  await service.expireTables(
    ...given.expire,
    given.panels.filter(({ id }) => !id.startsWith('options/')),
  );
  const outcomes: Record<string, string> = {};
  for (const panel of given.panels) outcomes[`${panel.sourceName} ${panel.id}`] = (await read(panel)).outcome;
  await cache.settled();
  return outcomes;
}

t.test(
  'given replaced tables, what was read from them is stale, and the choices of the source',
  async (t) => {
    const outcomes = await afterExpire({
      panels: ['metrics', 'charts/sites', 'charts/both', 'charts/schema', 'options/site_id'].map((id) =>
        panelOf({ id }),
      ),
      tables: {
        metrics: ['tasks'],
        'charts/sites': ['sites'],
        'charts/both': ['sites', 'tasks'],
        'charts/schema': ['main.tasks'],
      },
      expire: ['main', ['tasks']],
    });
    t.same(outcomes, {
      'main metrics': 'stale_hit',
      'main charts/sites': 'hit',
      'main charts/both': 'stale_hit',
      'main charts/schema': 'stale_hit',
      'main options/site_id': 'stale_hit',
    });
  },
);

t.test('given replaced tables with their schema, who knows them without it is reached', async (t) => {
  const outcomes = await afterExpire({
    panels: [panelOf()],
    tables: { metrics: ['tasks'] },
    expire: ['main', ['main.tasks']],
  });
  t.equal(outcomes['main metrics'], 'stale_hit');
});

t.test(
  'given a panel of too many tables to name, its whole source is expired with any of them',
  async (t) => {
    const many = Array.from({ length: 20 }, (_, i) => `t${i}`);
    const outcomes = await afterExpire({
      panels: [
        panelOf({ id: 'charts/many' }),
        panelOf({ id: 'charts/sites' }),
        panelOf({ sourceName: 'other' }),
      ],
      tables: { 'charts/many': many, 'charts/sites': ['sites'], metrics: ['sites'] },
      expire: ['main', ['t3']],
    });
    t.same(outcomes, {
      'main charts/many': 'stale_hit',
      'main charts/sites': 'stale_hit',
      'other metrics': 'hit',
    });
  },
);

t.test('given a panel of too many tables in another source, this source is not expired for it', async (t) => {
  const many = Array.from({ length: 20 }, (_, i) => `t${i}`);
  const outcomes = await afterExpire({
    panels: [panelOf({ id: 'charts/many', sourceName: 'other' }), panelOf({ id: 'charts/sites' })],
    tables: { 'charts/many': many, 'charts/sites': ['sites'] },
    expire: ['main', ['t3']],
  });
  t.same(outcomes, { 'other charts/many': 'hit', 'main charts/sites': 'hit' });
});

t.test('given tables of which a feed tells, age is nothing; of a panel with ttl_only it is', async (t) => {
  const made = serviceOf(new CachedSource(() => rowOf({ n: 1 })));
  made.toldToMs = Number.POSITIVE_INFINITY;
  const policy = { ...panelOf().policy, maxStalenessMs: 5000 };
  const outcomes = async () => {
    const read = async (id: string, ttlOnly: boolean) => {
      const asked = { panel: panelOf({ id, policy, ttlOnly }), parameters: nothing, tenant: noTenant };
      return (await made.service.read(asked)).outcome;
    };
    return { told: await read('charts/told', false), untold: await read('charts/untold', true) };
  };
  t.same(await outcomes(), { told: 'miss', untold: 'miss' });
  made.clock.advance(4000);
  t.same(await outcomes(), { told: 'hit', untold: 'stale_hit' });
  await made.cache.settled();
  made.clock.advance(60_000);
  made.toldToMs = Number.NEGATIVE_INFINITY;
  t.same(await outcomes(), { told: 'miss', untold: 'miss' }, 'without a feed both are too old');
});
