import fc from 'fast-check';
import t from 'tap';
import { noTenant, tenantFromParameter } from '../../services/definitions/tenant.js';
import {
  namesTables,
  readTag,
  type Scope,
  TAGS_MAX_COUNT,
  tableScopes,
  tagOf,
  tagsOfOptions,
  tagsOfPanel,
} from '../../services/panel-tags.js';
import { panelOf } from '../helpers/cache-panels.js';

const kinds = ['dashboard', 'panel', 'source', 'options', 'table', 'tag'] as const;
const seven = tenantFromParameter('7');

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', 'all', '7:all', ':', '*:all'),
);

const tenantOf = (text: string | null) => (text === null ? noTenant : tenantFromParameter(text));

t.test('a tag is read as it was written', async (t) => {
  const named = fc.tuple(fc.constantFrom(...kinds), text).map(([kind, name]): Scope => ({ kind, name }));
  const scope = fc.oneof(fc.constant<Scope>({ kind: 'all' }), named);
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(scope, fc.option(text), (written, tenant) => {
        t.strictSame(readTag(tagOf(written, tenantOf(tenant))), { scope: written, tenant });
      }),
      { numRuns: 2000 },
    ),
  );
  for (const foreign of ['', 'all', '*', '*:', 'result:x', '*:unheard:of', '3:7:all'])
    t.equal(readTag(foreign), null, foreign);
});

t.test('given any scopes and tenants, two tags are equal only when both are', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(
      '',
      '*',
      'all',
      '1',
      '7',
      ':',
      '1:7',
      '7:all',
      '*:all',
      'dashboard:x',
      '1:7:all',
      '\ud800',
      '\ud801',
    ),
  );
  const scope: fc.Arbitrary<Scope> = fc.oneof(
    fc.constant<Scope>({ kind: 'all' }),
    fc.tuple(fc.constantFrom(...kinds), text).map(([kind, name]): Scope => ({ kind, name })),
  );
  const tenant = fc.option(text);
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(scope, tenant, scope, tenant, (oneScope, oneTenant, otherScope, otherTenant) => {
        const alike =
          oneTenant === otherTenant &&
          oneScope.kind === otherScope.kind &&
          (oneScope.kind === 'all' || ('name' in otherScope && oneScope.name === otherScope.name));
        return (tagOf(oneScope, tenantOf(oneTenant)) === tagOf(otherScope, tenantOf(otherTenant))) === alike;
      }),
      { numRuns: 20_000 },
    ),
  );
});

t.test('given a tenant whose text is built like a tag, it reaches nobody else', async (t) => {
  const mine = new Set(tagsOfPanel(panelOf(), ['tasks'], seven));
  for (const text of ['7:all', '1:7', '7:dashboard:operations', '*', '', '07', '7 ']) {
    const theirs = tagsOfPanel(panelOf(), ['tasks'], tenantFromParameter(text));
    const shared = theirs.filter((tag) => mine.has(tag));
    t.same(
      shared,
      theirs.filter((tag) => tag.startsWith('*:')),
      `tenant ${JSON.stringify(text)}`,
    );
  }
});

t.test('given a panel, its tags are each scope, and each with the tenant, in one order', async (t) => {
  const panel = panelOf({ id: 'charts/tasks', tags: ['nightly', 'big'] });
  const scopes = [
    ...['all', 'dashboard:operations', 'panel:operations/charts/tasks', 'source:main'],
    ...['tag:nightly', 'tag:big', 'table:sites', 'table:tasks'],
  ];
  const everybody = scopes.map((scope) => `*:${scope}`);
  t.same(tagsOfPanel(panel, ['tasks', 'sites'], noTenant), everybody);
  t.same(tagsOfPanel(panel, ['sites', 'tasks'], noTenant), everybody, 'however its tables come');
  t.same(tagsOfPanel(panel, ['sites', 'tasks'], seven), [
    ...everybody,
    ...scopes.map((scope) => `1:7:${scope}`),
  ]);
});

t.test('given a table with a schema, it is found with and without it', async (t) => {
  t.same(
    tableScopes(['main.tasks', 'sites', 'a.b.c']).map((scope) => ('name' in scope ? scope.name : '')),
    ['a.b.c', 'c', 'main.tasks', 'sites', 'tasks'],
  );
  t.same(tableScopes(['tasks', 'main.tasks', 'tasks']).length, 2);
  t.same(tableScopes([]), []);
});

t.test(
  'given as many tables as fit into 32 tags, they are named; given one more, the source stands for them',
  async (t) => {
    const tables = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);
    t.equal(TAGS_MAX_COUNT, 32);
    const panel = panelOf();
    t.equal(namesTables(panel, tables(12)), true);
    t.equal(tagsOfPanel(panel, tables(12), seven).length, 32);
    t.equal(namesTables(panel, tables(13)), false);
    const many = tagsOfPanel(panel, tables(13), seven);
    t.equal(many.length, 8);
    t.ok(many.includes('*:source:main') && !many.some((tag) => tag.includes('table:')));
  },
);

t.test('given many tables, the form of the tags does not depend on who asks', async (t) => {
  const tables = Array.from({ length: 13 }, (_, i) => `t${i}`);
  t.notOk(tagsOfPanel(panelOf(), tables, noTenant).some((tag) => tag.includes('table:')));
});

t.test('given own tags, they stay and tables make room', async (t) => {
  const tags = Array.from({ length: 13 }, (_, i) => `own${i}`);
  const panel = panelOf({ tags });
  t.equal(namesTables(panel, ['tasks']), false);
  const all = tagsOfPanel(panel, ['tasks'], noTenant);
  for (const tag of tags) t.ok(all.includes(`*:tag:${tag}`));
});

t.test('given the choices of a parameter, they are found by dashboard and source', async (t) => {
  const panel = panelOf({ id: 'options/site_id' });
  t.same(tagsOfOptions(panel, noTenant), ['*:all', '*:dashboard:operations', '*:options:main']);
  t.same(tagsOfOptions(panel, seven).slice(3), ['1:7:all', '1:7:dashboard:operations', '1:7:options:main']);
});
