import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { Warmed } from '../../services/warming/warming-schema.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { type Script, type ScriptedService, scriptedService } from '../helpers/scripted-service.js';
import { runAgainst } from './support/run-against.js';

const CATALOGUE = {
  dashboards: [
    {
      id: 'operations',
      title: 'Site operations',
      tenant: 'site_id',
      params: {},
      panels: [
        { id: 'metrics', title: 'Key figures', type: 'metrics' },
        { id: 'charts/tasks', title: 'Tasks', type: 'line' },
      ],
    },
    {
      id: 'sales',
      title: 'Sales',
      tenant: null,
      params: {},
      panels: [{ id: 'summary', title: 'Summary', type: 'summary' }],
    },
  ],
};
const OPTIONS = [
  { value: 7, label: 'North' },
  { value: 'B 8', label: 'South' },
];

function warmed(counts: Partial<Warmed> = {}): Warmed {
  const none = { panels: 2, loaded: 2, fresh: 0, failed: 0, switched_off: 0, hits: 2, duration_ms: 10 };
  return { dashboard: 'operations', tenants: 1, ...none, problems: [], ...counts };
}

function warmingService(t: Test, script: Script = {}): Promise<ScriptedService> {
  return scriptedService(t, {
    'GET /dashboards': CATALOGUE,
    'GET /dashboards/operations/options/site_id': { options: OPTIONS },
    'POST /cache/warmings': [
      warmed(),
      warmed({ loaded: 1, fresh: 1 }),
      warmed({ dashboard: 'sales', tenants: null, panels: 1, loaded: 1, hits: 1 }),
    ],
    ...script,
  });
}

function bodiesOf({ requests }: ScriptedService): unknown[] {
  return requests.filter(({ line }) => line.startsWith('POST')).map(({ body }) => body);
}

t.test('without a word every dashboard is warmed, tenant by tenant, and the sum is told', async (t) => {
  const service = await warmingService(t);
  const { exitCode, terminal } = await runAgainst(service, ['warm']);
  t.equal(exitCode, 0, terminal.errText);
  t.same(bodiesOf(service), [
    { dashboard: 'operations', tenant: '7' },
    { dashboard: 'operations', tenant: 'B 8' },
    { dashboard: 'sales' },
  ]);
  t.same(terminal.outLines, ['5 panels: 4 loaded, 1 fresh already; a read now hits for all of them']);
  t.same(terminal.errLines, [
    'operations 1/2 tenants, 2 panels',
    'operations 2/2 tenants, 4 panels',
    'sales 1 panel',
  ]);
});

t.test('a person sees the progress on one line', async (t) => {
  const service = await warmingService(t);
  const { terminal } = await runAgainst(
    service,
    ['warm', 'operations'],
    new FakeTerminal({ errWatched: true }),
  );
  t.same(terminal.errLines, []);
  t.same(terminal.overwritten, [
    'operations 0/2 tenants, …',
    'operations 1/2 tenants, 2 panels',
    'operations 2/2 tenants, 4 panels',
    '',
  ]);
});

interface Choice {
  readonly words: string;
  readonly bodies: readonly object[];
}

const CHOICES: readonly Choice[] = [
  {
    words: 'operations --tenant 7 --param period=8w --param note=a=b',
    bodies: [{ dashboard: 'operations', tenant: '7', params: { period: '8w', note: 'a=b' } }],
  },
  {
    words: 'operations --param site_id=7',
    bodies: [{ dashboard: 'operations', params: { site_id: '7' } }],
  },
  { words: 'sales sales', bodies: [{ dashboard: 'sales' }] },
  { words: '--panel summary', bodies: [{ dashboard: 'sales', panel: 'summary' }] },
  { words: '--tenant 7', bodies: [{ dashboard: 'operations', tenant: '7' }] },
];

t.test('what is chosen is what is sent; options are asked for only where no tenant is named', async (t) => {
  for (const { words, bodies } of CHOICES) {
    const service = await warmingService(t);
    const { terminal } = await runAgainst(service, ['warm', ...words.split(' ')]);
    t.equal(terminal.errLines.length, 1, terminal.errText);
    t.same(bodiesOf(service), bodies, words);
    t.notOk(service.requests.some(({ line }) => line.includes('/options/')));
  }
});

const WRONG: readonly (readonly [words: string, told: string | RegExp])[] = [
  ['operatoins', 'There is no dashboard operatoins: did you mean operations?'],
  ['zzzzzzzzz', 'There is no dashboard zzzzzzzzz: there are: operations, sales'],
  ['operations --panel summary', 'There is no panel of operations summary: there are: metrics, charts/tasks'],
  ['--panel charts/task', 'There is no panel charts/task: did you mean charts/tasks?'],
  ['--panel summary --tenant 7', 'None of the dashboards has tenants'],
  ['--param period', 'A parameter is given as name=value.'],
  ['--param a=1 --param a=2', 'a has a value already.'],
];

t.test('what does not exist is a wrong call, and nothing is loaded: exit code 2', async (t) => {
  const service = await warmingService(t);
  for (const [words, told] of WRONG) {
    const { exitCode, terminal } = await runAgainst(service, ['warm', ...words.split(' ')]);
    t.equal(exitCode, 2, words);
    t.match(terminal.errText, told);
    t.equal(terminal.outText, '');
  }
  t.same(bodiesOf(service), []);
});

t.test('tenants that no options name must be named: exit code 2', async (t) => {
  const route = 'GET /dashboards/operations/options/site_id';
  const service = await warmingService(t, { [route]: new DashcacheError('parameter_unknown') });
  const { exitCode, terminal } = await runAgainst(service, ['warm', 'operations']);
  t.equal(exitCode, 2);
  t.match(terminal.errText, 'its parameter site_id has no options: name one with --tenant');
});

t.test('a panel that could not be loaded is told with its reason: exit code 1', async (t) => {
  const problems = [
    { panel: 'charts/tasks', tenant: '7', code: 'source_deadline', detail: 'No answer in 30 s' },
  ];
  const service = await warmingService(t, {
    'POST /cache/warmings': [warmed({ loaded: 1, failed: 1, hits: 1, problems }), warmed()],
  });
  const { exitCode, terminal } = await runAgainst(service, ['warm', 'operations']);
  t.equal(exitCode, 1);
  t.same(terminal.outLines, [
    'failed: charts/tasks of operations, tenant 7: No answer in 30 s (source_deadline)',
    '4 panels: 3 loaded, 0 fresh already, 1 failed; a read now hits for 3 of them',
  ]);
});

t.test('of many failures the first are told, and how many more there are', async (t) => {
  const problems = Array.from({ length: 30 }, (_, i) => ({
    panel: `charts/c${i}`,
    tenant: null,
    code: 'source_down',
    detail: 'down',
  }));
  const answer = warmed({
    dashboard: 'sales',
    tenants: null,
    panels: 50,
    loaded: 0,
    failed: 50,
    hits: 0,
    problems,
  });
  const service = await warmingService(t, { 'POST /cache/warmings': answer });
  const { terminal } = await runAgainst(service, ['warm', 'sales']);
  t.equal(terminal.outLines.length, 22);
  t.equal(terminal.outLines[0], 'failed: charts/c0 of sales: down (source_down)');
  t.equal(terminal.outLines[20], 'and 30 more that failed');
});

t.test('what is switched off is said, and no hit: exit code 1', async (t) => {
  const service = await warmingService(t, {
    'POST /cache/warmings': warmed({ loaded: 1, switched_off: 1, hits: 1 }),
  });
  const { exitCode, terminal } = await runAgainst(service, ['warm', 'operations', '--tenant', '7']);
  t.equal(exitCode, 1);
  t.match(
    terminal.outText,
    /1 not loaded, for the cache is switched off for them; a read now hits for 1 of them$/,
  );
});

t.test('where a load was taken back meanwhile a read does not hit: exit code 1', async (t) => {
  const service = await warmingService(t, { 'POST /cache/warmings': warmed({ hits: 1 }) });
  t.equal((await runAgainst(service, ['warm', 'operations', '--tenant', '7'])).exitCode, 1);
});

t.test('without any tenant there is nothing to warm: exit code 0', async (t) => {
  const service = await warmingService(t, { 'GET /dashboards/operations/options/site_id': { options: [] } });
  const { exitCode, terminal } = await runAgainst(service, ['warm', 'operations', '--json']);
  t.equal(exitCode, 0);
  t.match(JSON.parse(terminal.outText), { panels: 0, dashboards: [{ dashboard: 'operations', tenants: 0 }] });
  t.match((await runAgainst(service, ['warm', 'operations'])).terminal.outText, 'there was nothing to warm');
});

t.test('where the service fails halfway, what was done until then is told: exit code 3', async (t) => {
  for (const terminal of [new FakeTerminal(), new FakeTerminal({ errWatched: true })]) {
    const service = await warmingService(t, {
      'POST /cache/warmings': [warmed(), new DashcacheError('starting_or_draining')],
    });
    const { exitCode } = await runAgainst(service, ['warm'], terminal);
    t.equal(exitCode, 3);
    t.equal(terminal.outText, '');
    t.match(terminal.errText, /^Until then: 2 panels, 2 loaded\nThe service is starting or stopping/m);
    t.equal(terminal.overwritten.at(-1) ?? '', '', 'the line of the progress is taken away');
  }
});

t.test('with --json it prints the sum, and the answers of each dashboard in one', async (t) => {
  const service = await warmingService(t);
  const { terminal } = await runAgainst(service, ['warm', '--json']);
  t.same(JSON.parse(terminal.outText), {
    panels: 5,
    loaded: 4,
    fresh: 1,
    failed: 0,
    switched_off: 0,
    hits: 5,
    duration_ms: 30,
    dashboards: [
      warmed({ tenants: 2, panels: 4, loaded: 3, fresh: 1, hits: 4, duration_ms: 20 }),
      warmed({ dashboard: 'sales', tenants: null, panels: 1, loaded: 1, hits: 1 }),
    ],
  });
});
