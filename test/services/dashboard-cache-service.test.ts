import t from 'tap';
import { DashcacheError } from '../../errors.js';
import type { CacheAnswer } from '../../services/cache/answer.js';
import { DashboardCacheService } from '../../services/dashboard-cache-service.js';
import type { Panel, ValueDefinition } from '../../services/definitions/model.js';
import { noTenant, tenantFromParameter } from '../../services/definitions/tenant.js';
import { Barrier } from '../helpers/barrier.js';
import {
  type AskedQuery,
  CachedSource,
  integerParameter,
  panelOf,
  parametersOf,
  periodParameter,
  queryOf,
  resolved,
  resolvedPeriod,
  rowOf,
} from '../helpers/cache-panels.js';
import { type CacheRoom, cacheRoom, turns } from '../helpers/cache-room.js';

const site = integerParameter('site_id', { tenant: true });
const period = periodParameter('period');
const nothing = parametersOf();
const down = new DashcacheError('source_down');

interface Service extends CacheRoom {
  readonly service: DashboardCacheService;
  /** Tables by panel id; what is not named reads `tasks`. */
  readonly tables: Map<string, readonly string[]>;
  isEnabled: boolean;
}

function serviceOf(...sources: readonly CachedSource[]): Service {
  const room = cacheRoom();
  const tables = new Map<string, readonly string[]>();
  const made = { ...room, tables, isEnabled: true };
  const service = new DashboardCacheService({
    cache: room.cache,
    sourceOf: (name) => sources.find((source) => source.name === name),
    tablesOf: (panel) => tables.get(panel.id) ?? ['tasks'],
    isEnabled: () => made.isEnabled,
  });
  return Object.assign(made, { service });
}

function bodyOf({ entry }: CacheAnswer): {
  data?: unknown;
  previous?: unknown;
  params?: unknown;
  generated_at?: unknown;
  options?: unknown;
} {
  return JSON.parse(String(entry.body.ready('identity')));
}

function compared(name: string): ReadonlyMap<string, ValueDefinition> {
  const plain = { title: name, format: null, unit: null, digits: null, better: null, exact: false };
  return new Map([[name, { ...plain, compare: 'previous_period' }]]);
}

t.test('given a first read and a second, the source is asked once and the bytes are the same', async (t) => {
  const source = new CachedSource(() => rowOf({ total: 3 }));
  const { service, clock } = serviceOf(source);
  const panel = panelOf({ queries: [queryOf('SELECT 3 AS total')] });
  const asked = { panel, parameters: nothing, tenant: noTenant };
  const miss = await service.read(asked);
  t.equal(miss.outcome, 'miss');
  t.same(bodyOf(miss), {
    dashboard: 'operations',
    panel: 'metrics',
    params: {},
    generated_at: new Date(clock.nowMs()).toISOString(),
    data: { total: 3 },
  });
  const hit = await service.read(asked);
  t.equal(hit.outcome, 'hit');
  t.equal(hit.entry.body, miss.entry.body);
  t.equal(source.asked.length, 1);
});

t.test('given a query, it gets what the panel binds and the limits of the panel', async (t) => {
  const source = new CachedSource(() => rowOf({ total: 3 }));
  const { service } = serviceOf(source);
  const panel = panelOf({
    queries: [queryOf('SELECT :site_id AS total')],
    parameters: [site],
    maxRowsCount: 17,
    maxBytes: 1700,
  });
  const other = integerParameter('other');
  await service.read({
    panel,
    parameters: parametersOf(resolved(site, 7), resolved(other, 1)),
    tenant: tenantFromParameter('7'),
  });
  t.match(source.asked, [{ values: { site_id: 7 }, limits: { maxRowsCount: 17, maxBytes: 1700 } }]);
  t.same(Object.keys(source.asked[0]?.values ?? {}), ['site_id']);
});

t.test('given two tenants, each gets his own and the other can not be asked for', async (t) => {
  const source = new CachedSource(({ values }) => rowOf({ of: Number(values['site_id']) }));
  const { service } = serviceOf(source);
  const panel = panelOf({ queries: [queryOf('SELECT :site_id AS of')], parameters: [site] });
  const askFor = (value: number, tenant: string) =>
    service.read({
      panel,
      parameters: parametersOf(resolved(site, value)),
      tenant: tenantFromParameter(tenant),
    });
  t.match(bodyOf(await askFor(7, '7')), { params: { site_id: 7 }, data: { of: 7 } });
  t.match(bodyOf(await askFor(8, '8')), { params: { site_id: 8 }, data: { of: 8 } });
  t.match(bodyOf(await askFor(7, '7')), { data: { of: 7 } });
  await t.rejects(
    askFor(8, '7'),
    /not the tenant/,
    'as a rejection: one panel of many must not take the others along',
  );
  t.equal(source.asked.length, 2);
});

t.test(
  'given several queries, they run at once and their rows are merged in the order of the panel',
  async (t) => {
    const holds = new Barrier();
    let n = 0;
    const source = new CachedSource(async ({ text }) => {
      const place = n++;
      await holds.pass();
      return rowOf({ [text]: place });
    });
    const { service } = serviceOf(source);
    const panel = panelOf({
      queries: [queryOf('b', 'first'), queryOf('a', 'second'), queryOf('c', 'third')],
    });
    const reading = service.read({ panel, parameters: nothing, tenant: noTenant });
    await holds.arrived(3);
    holds.open();
    const { data } = bodyOf(await reading);
    t.equal(JSON.stringify(data), '{"b":0,"a":1,"c":2}');
  },
);

t.test('given a query that fails, the others are ended and its error is the answer', async (t) => {
  const holds = new Barrier();
  const source = new CachedSource(async ({ text }) => {
    if (text === 'bad') {
      await holds.pass();
      throw down;
    }
    return new Promise(() => {});
  });
  const { service } = serviceOf(source);
  const panel = panelOf({ queries: [queryOf('slow', 'a'), queryOf('bad', 'b'), queryOf('slower', 'c')] });
  const reading = service.read({ panel, parameters: nothing, tenant: noTenant });
  await holds.arrived();
  t.ok(source.asked.every(({ limits }) => !limits.signal.aborted));
  holds.open();
  await t.rejects(reading, down);
  t.ok(source.asked.every(({ limits }) => limits.signal.aborted));
  t.equal(source.asked[0]?.limits.signal.reason, down);
});

t.test('given a source that throws at once, that is a failed load', async (t) => {
  const source = new CachedSource(() => rowOf({}));
  source.query = () => {
    throw down;
  };
  const { service } = serviceOf(source);
  await t.rejects(service.read({ panel: panelOf(), parameters: nothing, tenant: noTenant }), down);
});

t.test('given a load beyond its deadline, every query of it is ended', async (t) => {
  const source = new CachedSource(() => new Promise(() => {}));
  const { service, clock } = serviceOf(source);
  const panel = panelOf({ queries: [queryOf('a', 'a'), queryOf('b', 'b')] });
  const reading = service.read({ panel, parameters: nothing, tenant: noTenant });
  reading.catch(() => {});
  await turns();
  clock.advance(30_000);
  await t.rejects(reading, { code: 'source_deadline' });
  t.ok(source.asked.length === 2 && source.asked.every(({ limits }) => limits.signal.aborted));
});

t.test('given a source that is not open, the panel says so without its name', async (t) => {
  const { service } = serviceOf();
  const panel = panelOf({ sourceName: 'secret_host' });
  const reading = service.read({ panel, parameters: nothing, tenant: noTenant });
  await t.rejects(reading, { code: 'source_down' });
  await reading.catch((error: Error) => t.notMatch(error.message, /secret_host/));
});

const count = queryOf(
  'SELECT count(*) AS tasks FROM tasks WHERE at >= :period_start AND at < :period_end',
  'tasks',
);
const target = queryOf('SELECT target FROM sites', 'target');

/** Tasks are as many as the day of the month at which the period begins; the target is always 5. */
function byPeriod({ values }: AskedQuery) {
  const start = values['period_start'];
  return rowOf(start === undefined ? { target: 5 } : { tasks: new Date(Number(start)).getUTCDate() });
}

t.test(
  'given a compared value, the period before is asked only of queries that bind the period',
  async (t) => {
    const source = new CachedSource((asked) =>
      asked.text === target.statement.text ? rowOf({ target: 5 }) : byPeriod(asked),
    );
    const { service } = serviceOf(source);
    const panel = panelOf({ queries: [count, target], parameters: [period], values: compared('tasks') });
    const parameters = parametersOf(resolvedPeriod(period, '2026-01-21', 10));
    const body = bodyOf(await service.read({ panel, parameters, tenant: noTenant }));
    t.same(body.data, { tasks: 21, target: 5 });
    t.same(body.previous, { tasks: 11 });
    t.same(
      source.asked.map(({ text }) => text),
      [count.statement.text, target.statement.text, count.statement.text],
    );
    t.match(source.asked[2]?.values, {
      period_start: Date.UTC(2026, 0, 11),
      period_end: Date.UTC(2026, 0, 21),
    });
  },
);

t.test('given a compared value of a query without the period, it is the same as before', async (t) => {
  const source = new CachedSource((asked) =>
    asked.text === target.statement.text ? rowOf({ target: 5 }) : byPeriod(asked),
  );
  const { service } = serviceOf(source);
  const values = new Map([...compared('tasks'), ...compared('target')]);
  const panel = panelOf({ queries: [target, count], parameters: [period], values });
  const parameters = parametersOf(resolvedPeriod(period, '2026-01-21', 10));
  const body = bodyOf(await service.read({ panel, parameters, tenant: noTenant }));
  t.equal(JSON.stringify(body.previous), '{"target":5,"tasks":11}', 'in the order of the panel');
  t.equal(source.asked.length, 3);
});

t.test('given nothing to compare, or no period, the period before is not asked', async (t) => {
  const source = new CachedSource(byPeriod);
  const { service } = serviceOf(source);
  const parameters = parametersOf(resolvedPeriod(period, '2026-01-21', 10));
  const plain = panelOf({ queries: [count], parameters: [period] });
  t.notOk('previous' in bodyOf(await service.read({ panel: plain, parameters, tenant: noTenant })));
  t.equal(source.asked.length, 1);
  const timeless = panelOf({ id: 'summary', queries: [target], values: compared('target') });
  t.notOk('previous' in bodyOf(await service.read({ panel: timeless, parameters, tenant: noTenant })));
  t.equal(source.asked.length, 2);
});

t.test('given a failure in the period before, the read fails and the rest of it is ended', async (t) => {
  const source = new CachedSource((asked) => {
    if (asked.values['period_start'] === Date.UTC(2026, 0, 11)) throw down;
    return byPeriod(asked);
  });
  const { service } = serviceOf(source);
  const panel = panelOf({ queries: [count], parameters: [period], values: compared('tasks') });
  const parameters = parametersOf(resolvedPeriod(period, '2026-01-21', 10));
  await t.rejects(service.read({ panel, parameters, tenant: noTenant }), down);
});

t.test('given rows that do not fit the panel, the answer is wrong and says which panel', async (t) => {
  const source = new CachedSource(() => ({ columns: [{ name: 'n', type: 'integer' }], rows: [[1], [2]] }));
  const { service } = serviceOf(source);
  const reading = service.read({ panel: panelOf(), parameters: nothing, tenant: noTenant });
  await t.rejects(reading, { code: 'source_wrong_answer', message: /metrics/ });
});

t.test('given the cache switched off, every read asks the source and nothing is kept', async (t) => {
  let n = 0;
  const source = new CachedSource(() => rowOf({ n: ++n }));
  const made = serviceOf(source);
  made.isEnabled = false;
  const asked = { panel: panelOf(), parameters: nothing, tenant: noTenant };
  for (const expected of [1, 2]) {
    const answer = await made.service.read(asked);
    t.hasStrict(answer, { outcome: 'bypass', layer: 'source', stored: false });
    t.match(bodyOf(answer), { data: { n: expected } });
  }
  t.equal(made.memory.entriesCount, 0);
  t.equal((await made.service.options(asked)).outcome, 'bypass');
  made.isEnabled = true;
  t.equal((await made.service.read(asked)).outcome, 'miss');
});

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
  const miss = await service.options(asked);
  t.same(bodyOf(miss), {
    options: [
      { value: 1, label: 'North' },
      { value: 2, label: 'South' },
    ],
  });
  t.equal((await service.options(asked)).outcome, 'hit');
  t.equal(source.asked.length, 1);
});

t.test('given choices of another tenant, they are asked for apart', async (t) => {
  const source = new CachedSource(() => choices('North'));
  const { service } = serviceOf(source);
  const panel = panelOf({ id: 'options/room' });
  for (const tenant of ['7', '8', '7'])
    await service.options({ panel, parameters: nothing, tenant: tenantFromParameter(tenant) });
  t.equal(source.asked.length, 2);
});

t.test('given a panel for choices without a query, that is a fault of ours', async (t) => {
  const { service } = serviceOf(new CachedSource(() => choices()));
  const panel = panelOf({ id: 'options/none', queries: [] });
  await t.rejects(service.options({ panel, parameters: nothing, tenant: noTenant }), /no query/);
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
  const read = (panel: Panel) =>
    panel.id.startsWith('options/')
      ? service.options({ panel, parameters: nothing, tenant: noTenant })
      : service.read({ panel, parameters: nothing, tenant: noTenant });
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
