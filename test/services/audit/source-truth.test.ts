import t from 'tap';
import { SourceTruth } from '../../../services/audit/source-truth.js';
import type { ValueDefinition } from '../../../services/definitions/model.js';
import { noTenant } from '../../../services/definitions/tenant.js';
import { panelRead } from '../../../services/panel-read.js';
import {
  type AskedQuery,
  CachedSource,
  panelOf,
  parametersOf,
  periodParameter,
  queryOf,
  resolvedPeriod,
  rowOf,
} from '../../helpers/cache-panels.js';
import { textOf } from '../../helpers/cache-room.js';
import { serviceOf } from '../../helpers/cache-service.js';

const period = periodParameter('period');
const count = queryOf('SELECT count(*) AS tasks FROM tasks WHERE at >= :period_start', 'tasks');
const target = queryOf('SELECT target FROM sites', 'target');
const compared: ValueDefinition = {
  ...{ title: 'Tasks', format: null, unit: null, digits: null, better: null, exact: false },
  compare: 'previous_period',
};

/** Tasks are as many as the day of the month at which the period begins; the target is always 5. */
function answers({ text, values }: AskedQuery) {
  const start = new Date(Number(values['period_start']));
  return rowOf(text === target.statement.text ? { target: 5 } : { tasks: start.getUTCDate() });
}

function truthOf(source: CachedSource, signal = new AbortController().signal): SourceTruth {
  return new SourceTruth({ sources: new Map([[source.name, source]]), signal });
}

t.test('it says what a load of the service says, by the source alone', async (t) => {
  for (const values of [new Map(), new Map([['tasks', compared]]), new Map([['target', compared]])]) {
    const source = new CachedSource(answers);
    const panel = panelOf({ queries: [count, target], parameters: [period], values });
    const parameters = parametersOf(resolvedPeriod(period, '2026-01-21', 10));
    const { service } = serviceOf(source);
    const body = textOf(await service.read({ panel, parameters, tenant: noTenant }));
    const askedCount = source.asked.length;
    const content = await truthOf(source).contentOf(panelRead(panel, parameters, noTenant));
    t.ok(body.endsWith(`,${content}}`), content);
    t.equal(source.asked.length, 2 * askedCount, 'it asks for itself');
  }
});

t.test('one query at a time', async (t) => {
  let running = 0;
  const source = new CachedSource(async (asked) => {
    t.equal(++running, 1);
    await new Promise(setImmediate);
    running--;
    return answers(asked);
  });
  const panel = panelOf({ queries: [count, target, queryOf('SELECT 2 AS two')] });
  await truthOf(source)
    .contentOf(panelRead(panel, new Map(), noTenant))
    .catch(() => {});
  t.equal(source.asked.length, 3);
});

t.test('values of options: the first column, without those that are none', async (t) => {
  const columns = [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'text' },
  ] as const;
  const rows = [
    [7, 'North'],
    [null, 'Nowhere'],
    ['x', 'South'],
  ];
  const source = new CachedSource(() => ({ columns, rows }));
  t.same(await truthOf(source).valuesOf(panelOf()), ['7', 'x']);
});

t.test('a source that is not there, and an audit that is over, are errors', async (t) => {
  const read = panelRead(panelOf({ sourceName: 'other' }), new Map(), noTenant);
  await t.rejects(truthOf(new CachedSource(answers)).contentOf(read), { code: 'source_down' });
  const source = new CachedSource(({ limits }) => {
    limits.signal.throwIfAborted();
    return rowOf({ one: 1 });
  });
  const over = truthOf(source, AbortSignal.abort(new Error('over')));
  await t.rejects(over.contentOf(panelRead(panelOf(), new Map(), noTenant)), { message: 'over' });
});
