import t from 'tap';
import { SourceChanges } from '../../../services/changes/source-changes.js';
import { type DeclaredReaders, tagsOfChanges, tagsOfGap } from '../../../services/changes/tags-of-changes.js';
import type { Dashboard, Panel } from '../../../services/definitions/model.js';
import { panelOf, somewhere } from '../../helpers/cache-panels.js';

function dashboardOf(id: string, tenantParameter: string | null, panels: readonly Panel[]): Dashboard {
  return {
    id,
    title: id,
    parameters: new Map(),
    tenantParameter,
    warming: null,
    tenantProof: 'required',
    sourceName: 'main',
    panels: new Map(panels.map((panel) => [panel.id, panel])),
    place: somewhere,
  };
}

function readers(dashboards: readonly Dashboard[], given: Partial<DeclaredReaders> = {}): DeclaredReaders {
  return { dashboards, tablesOf: ({ dependsOn }) => dependsOn, modeOf: () => 'expire', ...given };
}

const ofSites = dashboardOf('sites', 'site_id', [panelOf({ dependsOn: ['public.tasks'] })]);
const ofAll = dashboardOf('board', null, [panelOf({ dashboardId: 'board', dependsOn: ['tasks'] })]);
const change = { table: 'public.tasks', tenants: ['7', '8'] };

t.test(
  'every panel of the table belongs to a tenant: only the tenants whose rows changed, and the choices',
  async (t) => {
    t.same(tagsOfChanges([change], 'main', readers([ofSites])), {
      expire: [
        '1:7:table:public.tasks',
        '1:8:table:public.tasks',
        '1:7:table:tasks',
        '1:8:table:tasks',
        '*:options:main',
      ],
      purge: [],
    });
  },
);

t.test(
  'a panel of no tenant shows the rows of all: the whole table, or it would stay as it was',
  async (t) => {
    const { expire } = tagsOfChanges([change], 'main', readers([ofSites, ofAll]));
    t.same(expire, ['*:table:public.tasks', '*:table:tasks', '*:options:main']);
  },
);

t.test('nobody can tell whose rows changed: the whole table', async (t) => {
  const { expire } = tagsOfChanges([{ ...change, tenants: null }], 'main', readers([ofSites]));
  t.same(expire, ['*:table:public.tasks', '*:table:tasks', '*:options:main']);
});

t.test('a panel of very many tables carries its source instead: that too, for the tenants', async (t) => {
  const dependsOn = Array.from({ length: 40 }, (_, index) => `t${index}`);
  const { expire } = tagsOfChanges(
    [change],
    'main',
    readers([dashboardOf('wide', 'site_id', [panelOf({ dependsOn })])]),
  );
  t.ok(expire.includes('1:7:source:main'), expire.join(' '));
});

t.test('a panel of another source depends on the table: it is reached too', async (t) => {
  const panel = panelOf({ sourceName: 'legacy', dependsOn: ['tasks'] });
  const { expire } = tagsOfChanges([change], 'main', readers([dashboardOf('far', 'site_id', [panel])]));
  t.ok(expire.includes('1:7:table:tasks') && expire.includes('*:options:legacy'), expire.join(' '));
});

t.test(
  'a panel that may show nothing stale reads the table: it alone is purged, and others of the table expire',
  async (t) => {
    const strict = panelOf({ dashboardId: 'strict', dependsOn: ['public.tasks'] });
    const modeOf: DeclaredReaders['modeOf'] = (panel) => (panel === strict ? 'purge' : 'expire');
    const ofTenants = readers([ofSites, dashboardOf('strict', 'site_id', [strict])], { modeOf });
    const { expire, purge } = tagsOfChanges([change, { table: 'other', tenants: null }], 'main', ofTenants);
    const name = `panel:strict/${strict.id}`;
    t.same(purge, [`1:7:${name}`, `1:8:${name}`]);
    t.ok(expire.includes('1:7:table:tasks') && expire.includes('*:table:other'));
    const ofNobody = readers([dashboardOf('strict', null, [strict])], { modeOf });
    t.same(tagsOfChanges([change], 'main', ofNobody).purge, [`*:${name}`], 'of no tenant: for everybody');
    const gap = tagsOfGap(['tasks'], 'main', ofTenants);
    t.same(gap.purge, [`*:${name}`]);
    t.ok(gap.expire.includes('*:source:main'));
  },
);

t.test('a gap: all of the source, and its tables in other sources', async (t) => {
  t.same(tagsOfGap(['tasks'], 'main', readers([ofSites])).expire, [
    '*:source:main',
    '*:table:tasks',
    '*:options:main',
  ]);
});

t.test('what was not taken is not counted, and rejects', async (t) => {
  let isTaken = false;
  const listener = new SourceChanges({
    source: 'main',
    tables: ['tasks'],
    declared: () => readers([ofSites]),
    invalidate: async () => {
      if (!isTaken) throw new Error('not taken');
    },
  });
  await t.rejects(listener.changed([change]));
  await t.rejects(listener.gap());
  t.same([listener.changesCount, listener.gapsCount], [0, 0]);
  isTaken = true;
  await listener.changed([change]);
  await listener.gap();
  t.same([listener.changesCount, listener.gapsCount], [1, 1]);
});
