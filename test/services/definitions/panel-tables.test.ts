import t from 'tap';
import { declaredTables, panelTables } from '../../../services/definitions/panel-tables.js';
import { panelOf } from '../../helpers/cache-panels.js';

const tasks = { tables: ['tasks'], verdict: 'exact' } as const;
const sites = { tables: ['sites', 'tasks'], verdict: 'over' } as const;
const opaque = { tables: ['sites'], verdict: 'unknown' } as const;

t.test('the tables of a panel are those of all its statements, as sure as the least sure', (t) => {
  t.same(panelTables(panelOf(), [tasks]), tasks);
  t.same(panelTables(panelOf(), []), { tables: [], verdict: 'exact' });
  t.same(panelTables(panelOf(), [tasks, sites]), { tables: ['tasks', 'sites'], verdict: 'over' });
  t.same(panelTables(panelOf(), [tasks, opaque]), { tables: ['tasks', 'sites'], verdict: 'unknown' });
  t.end();
});

t.test('given depends_on, its tables come with those found, and stand for what nobody can tell', (t) => {
  const panel = panelOf({ dependsOn: ['tasks', 'people'] });
  t.same(panelTables(panel, [tasks]), { tables: ['tasks', 'people'], verdict: 'over' });
  t.same(panelTables(panelOf({ dependsOn: ['tasks'] }), [tasks]), tasks);
  t.same(panelTables(panel, [opaque]), { tables: ['tasks', 'people', 'sites'], verdict: 'declared' });
  t.same(declaredTables(panel), { tables: ['tasks', 'people'], verdict: 'declared' });
  t.end();
});

t.test('given ttl_only, what is found is of no account', (t) => {
  t.same(panelTables(panelOf({ ttlOnly: true }), [tasks]), { tables: [], verdict: 'declared' });
  t.end();
});

t.test('before a panel is checked, nobody can tell', (t) => {
  t.same(declaredTables(panelOf()), { tables: [], verdict: 'unknown' });
  t.end();
});
