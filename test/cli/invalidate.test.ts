import t from 'tap';
import { DashcacheError } from '../../errors.js';
import { scriptedService } from '../helpers/scripted-service.js';
import { runAgainst } from './support/run-against.js';

const ROUTE = 'POST /cache/invalidations';
const EVERYWHERE = { reach: 'replicated', processes: 3, confirmed: 3 };

t.test('what is selected is what is sent', async (t) => {
  const service = await scriptedService(t, { [ROUTE]: EVERYWHERE });
  const cases: readonly (readonly [words: string, body: object])[] = [
    ['--dashboard operations', { dashboard: 'operations', mode: 'purge', wait: true }],
    [
      '--dashboard operations --panel charts/tasks --tenant -7',
      { dashboard: 'operations', panel: 'charts/tasks', tenant: '-7', mode: 'purge', wait: true },
    ],
    ['--table public.tasks --expire', { table: 'public.tasks', mode: 'expire', wait: true }],
    ['--tag prices --tag stock --no-wait', { tags: ['prices', 'stock'], mode: 'purge', wait: false }],
    ['--all --tenant 7', { all: true, tenant: '7', mode: 'purge', wait: true }],
    // Which may stand together is for the service to judge.
    ['--all --table tasks', { all: true, table: 'tasks', mode: 'purge', wait: true }],
  ];
  for (const [words, body] of cases) {
    const { exitCode, terminal } = await runAgainst(service, ['invalidate', ...words.split(' ')]);
    t.equal(exitCode, 0, terminal.errText);
    t.same(service.requests.at(-1)?.body, body, words);
  }
});

t.test('it says where the old data is gone, and why it is safe where nobody confirmed', async (t) => {
  const service = await scriptedService(t, {
    [ROUTE]: [
      EVERYWHERE,
      { reach: 'primary', processes: 3, confirmed: 2 },
      { reach: 'primary', processes: 4, confirmed: 2 },
      { reach: 'memory', processes: 1, confirmed: 1 },
    ],
  });
  const said: string[] = [];
  for (let i = 0; i < 4; i++) {
    const { exitCode, terminal } = await runAgainst(service, ['invalidate', '--all']);
    t.equal(exitCode, 0);
    t.equal(terminal.errText, '');
    said.push(terminal.outText);
  }
  t.same(said, [
    'Purged: in force in 3 of 3 processes (replicated)',
    'Purged: in force in 2 of 3 processes (primary: Redis has it); 1 process did not answer: it has lost its trust, so it holds there too',
    'Purged: in force in 2 of 4 processes (primary: Redis has it); 2 processes did not answer: they have lost their trust, so it holds there too',
    'Purged: in force in 1 of 1 process (memory: there is no Redis)',
  ]);
});

t.test('who does not wait, and who expires, is told when it holds everywhere', async (t) => {
  const service = await scriptedService(t, { [ROUTE]: { reach: 'primary', processes: 3, confirmed: 1 } });
  const rest = 'in force in 1 of 3 processes (primary: Redis has it), in the others within 1 s';
  const unwaited = await runAgainst(service, ['invalidate', '--all', '--no-wait']);
  t.equal(unwaited.terminal.outText, `Purged: ${rest}`);
  const expired = await runAgainst(service, ['invalidate', '--all', '--expire']);
  t.equal(expired.terminal.outText, `Expired: ${rest}`);
});

t.test('nothing selected is a wrong call, and nothing is asked: exit code 2', async (t) => {
  const service = await scriptedService(t, { [ROUTE]: EVERYWHERE });
  for (const words of [[], ['--expire'], ['--no-wait', '--json']]) {
    const { exitCode, terminal } = await runAgainst(service, ['invalidate', ...words]);
    t.equal(exitCode, 2);
    t.match(terminal.errText, 'Nothing is selected: name what to invalidate with --dashboard');
  }
  t.same(service.requests, []);
});

t.test('where Redis did not take it, it is not said to be done: exit code 3', async (t) => {
  const detail = 'Redis did not take it: it holds in this process, and is tried again until it does';
  const service = await scriptedService(t, {
    [ROUTE]: new DashcacheError('invalidation_not_taken', { detail }),
  });
  const { exitCode, terminal } = await runAgainst(service, ['invalidate', '--all']);
  t.equal(exitCode, 3);
  t.equal(terminal.outText, '');
  t.match(terminal.errText, detail);
  t.match(terminal.errText, 'try again in 5 s');
});

t.test('what the service refuses is told with every fault: exit code 2', async (t) => {
  const errors = [{ pointer: '/table', detail: 'stands with all' }];
  const service = await scriptedService(t, { [ROUTE]: new DashcacheError('body_invalid', { errors }) });
  const { exitCode, terminal } = await runAgainst(service, ['invalidate', '--all', '--table', 'x']);
  t.equal(exitCode, 2);
  t.match(terminal.errText, '/table: stands with all');
});

t.test('with --json it prints what the service answers', async (t) => {
  const service = await scriptedService(t, { [ROUTE]: EVERYWHERE });
  const { terminal } = await runAgainst(service, ['invalidate', '--all', '--json']);
  t.same(JSON.parse(terminal.outText), EVERYWHERE);
});
