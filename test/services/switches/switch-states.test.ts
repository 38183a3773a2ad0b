import t from 'tap';
import { switchedTag, switchStates } from '../../../services/switches/switch-states.js';
import { definitionsOf } from '../definitions/some-definitions.js';

const definitions = await definitionsOf({
  'a.yaml': 'id: a\nsource: main\nmetrics: { query: SELECT 1 AS one }\nsummary: { query: SELECT 1 AS one }\n',
  'b.yaml': 'id: b\nsource: main\nmetrics: { query: SELECT 1 AS one }\n',
});

/** Every place where reads do not use the cache, with the switch that is named for it. */
function off(tags: readonly string[], cacheEnabled = true): string[] {
  const states = switchStates(definitions, { cacheEnabled, isOff: (tag) => tags.includes(tag) });
  const lines: [string, { enabled: boolean; off_by: string | null }][] = [['*', states]];
  for (const dashboard of states.dashboards) {
    lines.push([dashboard.dashboard, dashboard]);
    for (const panel of dashboard.panels) lines.push([`${dashboard.dashboard}/${panel.panel}`, panel]);
  }
  for (const [name, { enabled, off_by }] of lines)
    t.equal(enabled, off_by === null, `${name}: enabled exactly where nothing is off`);
  return lines.filter(([, { enabled }]) => !enabled).map(([name, { off_by }]) => `${name} by ${off_by}`);
}

t.test('nothing is off until something is switched off', async (t) => {
  t.same(off([]), []);
});

t.test('each switch reaches what it is for, and the widest that is off is named', async (t) => {
  t.same(off(['*:panel:a/summary']), ['a/summary by panel']);
  t.same(off(['*:dashboard:a', '*:panel:a/summary']), [
    'a by dashboard',
    'a/metrics by dashboard',
    'a/summary by dashboard',
  ]);
  t.same(off(['*:all', '*:dashboard:a']), [
    '* by all',
    'a by all',
    'a/metrics by all',
    'a/summary by all',
    'b by all',
    'b/metrics by all',
  ]);
});

t.test('CACHE_ENABLED=false wins over everything', async (t) => {
  const all = off(['*:all', '*:panel:b/metrics'], false);
  t.equal(all.length, 6);
  t.ok(all.every((line) => line.endsWith('by CACHE_ENABLED')));
});

t.test('a body names the tag that it turns, or is refused', async (t) => {
  t.equal(switchedTag({ enabled: false }, definitions), '*:all');
  t.equal(switchedTag({ enabled: true, dashboard: 'a' }, definitions), '*:dashboard:a');
  t.equal(
    switchedTag({ enabled: false, dashboard: 'a', panel: 'summary' }, definitions),
    '*:panel:a/summary',
  );
  t.throws(() => switchedTag({ enabled: false, panel: 'summary' }, definitions), {
    code: 'body_invalid',
    errors: [{ pointer: '/panel' }],
  });
  t.throws(() => switchedTag({ enabled: false, dashboard: 'c' }, definitions), { code: 'dashboard_unknown' });
  t.throws(() => switchedTag({ enabled: false, dashboard: 'b', panel: 'summary' }, definitions), {
    code: 'panel_unknown',
  });
});
