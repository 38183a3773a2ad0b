import t from 'tap';
import { DashcacheError } from '../../../errors.js';
import type { InvalidationBody } from '../../../services/invalidation/invalidation-schema.js';
import { selectedTags } from '../../../services/invalidation/selection.js';
import { scopesOfTables } from '../../../services/invalidation/table-scopes.js';
import { panelOf } from '../../helpers/cache-panels.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const OPERATIONS = `
id: operations
source: main
metrics: { query: SELECT 1 AS one }
charts:
  tasks: { type: line, labels: day, query: SELECT 1 AS day, 2 AS total }
`;
const definitions = await definitionsOf({ 'operations.yaml': OPERATIONS });
const declared = { definitions, tablesOf: () => ['tasks'] };

const SELECTIONS: readonly [body: InvalidationBody, tags: readonly string[]][] = [
  [{ all: true }, ['*:all']],
  [{ all: true, tenant: '7' }, ['1:7:all']],
  [{ dashboard: 'operations' }, ['*:dashboard:operations']],
  [{ dashboard: 'operations', tenant: '7' }, ['1:7:dashboard:operations']],
  [{ dashboard: 'operations', panel: 'metrics' }, ['*:panel:operations/metrics']],
  [{ dashboard: 'operations', panel: 'charts/tasks', tenant: 'ü' }, ['1:ü:panel:operations/charts/tasks']],
  [{ table: 'tasks' }, ['*:table:tasks', '*:options:main']],
  [{ table: 'tasks', tenant: '7' }, ['1:7:table:tasks', '1:7:options:main']],
  [{ table: 'app.tasks' }, ['*:table:app.tasks', '*:table:tasks', '*:options:main']],
  [{ table: 'unheard_of' }, ['*:table:unheard_of', '*:options:main']],
  [{ tags: ['nightly', 'money', 'nightly'] }, ['*:tag:nightly', '*:tag:money']],
  [{ tags: ['nightly'], tenant: '7' }, ['1:7:tag:nightly']],
];
for (const [body, tags] of SELECTIONS) {
  t.test(`${JSON.stringify(body)} selects ${tags.join(' ')}`, async (t) => {
    t.same(selectedTags(body, declared), tags);
    t.same(selectedTags({ ...body, mode: 'expire', wait: false }, declared), tags, 'whatever its mode');
  });
}

const FAULTS: readonly [body: InvalidationBody, pointers: readonly string[]][] = [
  [{}, ['']],
  [{ mode: 'purge' }, ['']],
  [{ tenant: '7' }, ['']],
  [{ panel: 'metrics' }, ['/panel']],
  [{ all: true, dashboard: 'operations' }, ['/dashboard']],
  [{ all: true, table: 'tasks', tags: ['a'] }, ['/table', '/tags']],
  [{ table: 'tasks', panel: 'metrics' }, ['/panel']],
  [{ dashboard: 'operations', tags: ['a'] }, ['/tags']],
];
for (const [body, pointers] of FAULTS) {
  t.test(`${JSON.stringify(body)} is refused at ${pointers.join(' ') || 'the whole'}`, async (t) => {
    try {
      selectedTags(body, declared);
      t.fail('it was taken');
    } catch (error) {
      if (!(error instanceof DashcacheError)) throw error;
      t.equal(error.code, 'body_invalid');
      t.same(
        error.errors.map(({ pointer }) => pointer),
        pointers,
      );
    }
  });
}

t.test('an unknown dashboard or panel is said with what was probably meant', async (t) => {
  t.throws(() => selectedTags({ dashboard: 'operation' }, declared), {
    code: 'dashboard_unknown',
    message: 'There is no dashboard "operation": did you mean operations?',
  });
  t.throws(() => selectedTags({ dashboard: 'operations', panel: 'charts/task' }, declared), {
    code: 'panel_unknown',
    message: 'There is no panel "charts/task": did you mean charts/tasks?',
  });
  t.throws(() => selectedTags({ dashboard: 'x'.repeat(200) }, declared), { message: /GET \/dashboards/ });
});

t.test('a panel of very many tables is reached through its source, and only where one is', async (t) => {
  const many = Array.from({ length: 20 }, (_, index) => `t${index}`);
  const hiding = panelOf({ sourceName: 'main', dependsOn: many });
  const plain = panelOf({ sourceName: 'other', dependsOn: ['tasks'] });
  const sourceNames = ['main', 'other'];
  const tablesOf = (panel: typeof plain) => panel.dependsOn;
  t.same(scopesOfTables(['tasks'], { panels: [hiding, plain], sourceNames, tablesOf }), [
    { kind: 'table', name: 'tasks' },
    { kind: 'options', name: 'main' },
    { kind: 'options', name: 'other' },
    { kind: 'source', name: 'main' },
  ]);
  const onlyOther = { panels: [hiding, plain], sourceNames: ['other'], tablesOf };
  t.notOk(scopesOfTables(['tasks'], onlyOther).some(({ kind }) => kind === 'source'));
});
