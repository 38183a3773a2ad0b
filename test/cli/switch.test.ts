import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { SwitchStates } from '../../services/switches/switch-schema.js';
import { scriptedService } from '../helpers/scripted-service.js';
import { runAgainst } from './support/run-against.js';

type OffBy = SwitchStates['off_by'];

interface Off {
  readonly all?: 'all' | 'CACHE_ENABLED';
  /** Dashboards, and panels as `dashboard panel`, that are off. */
  readonly by?: readonly string[];
}

/** States as the service would tell them of two dashboards with two panels each. */
function states({ all, by = [] }: Off = {}): SwitchStates {
  const state = (offBy: OffBy) => ({ enabled: offBy === null, off_by: offBy });
  const widest = all ?? null;
  return {
    ...state(widest),
    dashboards: ['operations', 'sales'].map((dashboard) => {
      const own = widest ?? (by.includes(dashboard) ? 'dashboard' : null);
      return {
        dashboard,
        ...state(own),
        panels: ['metrics', 'charts/tasks'].map((panel) => ({
          panel,
          ...state(own ?? (by.includes(`${dashboard} ${panel}`) ? 'panel' : null)),
        })),
      };
    }),
  };
}

async function shown(t: Test, off: Off): Promise<readonly string[]> {
  const service = await scriptedService(t, { 'GET /cache/switch': states(off) });
  const { exitCode, terminal } = await runAgainst(service, ['switch']);
  t.equal(exitCode, 0);
  t.equal(terminal.errText, '');
  return terminal.outLines;
}

t.test('without a word it shows what is off, and how to turn it on', async (t) => {
  t.same(await shown(t, {}), ['The cache is on for 4 panels of 2 dashboards']);
  t.same(await shown(t, { by: ['sales', 'operations charts/tasks'] }), [
    'off  charts/tasks of operations  (dashcache switch on --dashboard operations --panel charts/tasks)',
    'off  all of sales  (dashcache switch on --dashboard sales)',
    '3 of 4 panels of 2 dashboards are off',
  ]);
  t.same((await shown(t, { by: ['sales metrics'] })).at(-1), '1 of 4 panels of 2 dashboards is off');
  t.same(await shown(t, { all: 'all', by: ['sales'] }), [
    'The cache is off for everything: the switch of everything is off; turn it with: dashcache switch on',
  ]);
  t.match(await shown(t, { all: 'CACHE_ENABLED' }), [/CACHE_ENABLED=false, which no switch overrules/]);
});

const REACHED = { reach: 'replicated', processes: 3, confirmed: 3 };
const IN_FORCE = 'in force in 3 of 3 processes (replicated)';

interface Turn {
  readonly words: string;
  readonly off: Off;
  readonly body: object;
  readonly said: readonly string[];
}

const TURNS: readonly Turn[] = [
  {
    words: 'off',
    off: { all: 'all' },
    body: { enabled: false },
    said: [`Switched off for everything: ${IN_FORCE}`],
  },
  {
    words: 'off --dashboard sales --panel metrics',
    off: { by: ['sales metrics'] },
    body: { enabled: false, dashboard: 'sales', panel: 'metrics' },
    said: [`Switched off for metrics of sales: ${IN_FORCE}`],
  },
  {
    words: 'on --dashboard sales --panel metrics',
    off: { by: ['sales'] },
    body: { enabled: true, dashboard: 'sales', panel: 'metrics' },
    said: [
      `Switched on for metrics of sales: ${IN_FORCE}`,
      'It has no effect yet: the switch of the whole dashboard is off; turn it with: dashcache switch on --dashboard sales',
    ],
  },
  {
    words: 'on --dashboard sales',
    off: { all: 'all' },
    body: { enabled: true, dashboard: 'sales' },
    said: [
      `Switched on for sales: ${IN_FORCE}`,
      'It has no effect yet: the switch of everything is off; turn it with: dashcache switch on',
    ],
  },
  {
    words: 'on',
    off: { all: 'CACHE_ENABLED' },
    body: { enabled: true },
    said: [
      `Switched on for everything: ${IN_FORCE}`,
      'It has no effect yet: the service runs with CACHE_ENABLED=false, which no switch overrules; set it to true and restart',
    ],
  },
  {
    words: 'on --dashboard sales',
    off: { by: ['sales metrics', 'operations'] },
    body: { enabled: true, dashboard: 'sales' },
    said: [
      `Switched on for sales: ${IN_FORCE}`,
      'Still off: metrics of sales  (dashcache switch on --dashboard sales --panel metrics)',
    ],
  },
  {
    words: 'on',
    off: { by: ['operations'] },
    body: { enabled: true },
    said: [
      `Switched on for everything: ${IN_FORCE}`,
      'Still off: all of operations  (dashcache switch on --dashboard operations)',
    ],
  },
];

t.test(
  'it says what was switched, where it is in force, and what keeps it from having an effect',
  async (t) => {
    for (const { words, off, body, said } of TURNS) {
      const service = await scriptedService(t, { 'PUT /cache/switch': { ...REACHED, ...states(off) } });
      const { exitCode, terminal } = await runAgainst(service, ['switch', ...words.split(' ')]);
      t.equal(exitCode, 0, terminal.errText);
      t.same(
        service.requests.map((request) => request.body),
        [body],
        words,
      );
      t.same(terminal.outLines, said);
      t.equal(terminal.errText, '');
    }
  },
);

t.test('called wrongly it asks nothing: exit code 2', async (t) => {
  const service = await scriptedService(t, {});
  for (const words of [['maybe'], ['on', 'off'], ['--dashboard', 'sales'], ['--panel', 'metrics']]) {
    t.equal((await runAgainst(service, ['switch', ...words])).exitCode, 2, words.join(' '));
  }
  t.same(service.requests, []);
});

t.test('where Redis did not take it: exit code 3', async (t) => {
  const service = await scriptedService(t, { 'PUT /cache/switch': new DashcacheError('switch_not_taken') });
  const { exitCode, terminal } = await runAgainst(service, ['switch', 'off']);
  t.equal(exitCode, 3);
  t.match(terminal.errText, 'The switch holds in this process only');
});

t.test('with --json it prints what the service answers', async (t) => {
  const switched = { ...REACHED, ...states({ by: ['sales'] }) };
  const service = await scriptedService(t, { 'GET /cache/switch': states(), 'PUT /cache/switch': switched });
  const got = await runAgainst(service, ['switch', '--json']);
  t.same(JSON.parse(got.terminal.outText), states());
  const put = await runAgainst(service, ['switch', 'off', '--dashboard', 'sales', '--json']);
  t.same(JSON.parse(put.terminal.outText), switched);
});
