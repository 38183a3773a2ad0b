import t from 'tap';
import { DashcacheError } from '../../errors.js';
import type { ValueDefinition } from '../../services/definitions/model.js';
import { noTenant } from '../../services/definitions/tenant.js';
import {
  type AskedQuery,
  CachedSource,
  panelOf,
  parametersOf,
  periodParameter,
  queryOf,
  resolvedPeriod,
  rowOf,
} from '../helpers/cache-panels.js';
import { bodyOf, serviceOf } from '../helpers/cache-service.js';

const period = periodParameter('period');
const down = new DashcacheError('source_down');

function compared(name: string): ReadonlyMap<string, ValueDefinition> {
  const plain = { title: name, format: null, unit: null, digits: null, better: null, exact: false };
  return new Map([[name, { ...plain, compare: 'previous_period' }]]);
}

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
