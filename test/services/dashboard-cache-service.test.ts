import t from 'tap';
import { DashcacheError } from '../../errors.js';
import { noTenant, tenantFromParameter } from '../../services/definitions/tenant.js';
import { Barrier } from '../helpers/barrier.js';
import {
  CachedSource,
  integerParameter,
  panelOf,
  parametersOf,
  queryOf,
  resolved,
  rowOf,
} from '../helpers/cache-panels.js';
import { turns } from '../helpers/cache-room.js';
import { bodyOf, serviceOf } from '../helpers/cache-service.js';

const site = integerParameter('site_id', { tenant: true });
const nothing = parametersOf();
const down = new DashcacheError('source_down');

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
  t.equal((await made.service.read(asked)).outcome, 'bypass');
  made.isEnabled = true;
  t.equal((await made.service.read(asked)).outcome, 'miss');
});
