import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Type } from '@sinclair/typebox';
import t from 'tap';
import { runCommand } from '../../cli/run-command.js';
import { ServiceClient } from '../../cli/service-client.js';
import { DashcacheError } from '../../errors.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { freePort } from '../helpers/free-port.js';
import { RawAnswer, type ScriptedAnswer, SILENCE, scriptedService } from '../helpers/scripted-service.js';
import { childEnvironment, sourceCommand } from '../helpers/start-service.js';
import { runAgainst } from './support/run-against.js';

const STATES = { enabled: true, off_by: null, dashboards: [] };
const TOKEN = 'c0rrect-horse-battery';

/** Sets variables for one test. */
function set(t: { teardown(restore: () => void): void }, variables: Record<string, string>): void {
  Object.assign(process.env, variables);
  t.teardown(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}

t.test('the service is found by --url, else by DASHCACHE_URL, else by PORT and BASE_PATH', async (t) => {
  const script = { 'GET /cache/switch': STATES };
  const [option, variable, own] = [
    await scriptedService(t, script),
    await scriptedService(t, script, '/behind/proxy'),
    await scriptedService(t, script, '/dash'),
  ];
  set(t, { HOST: '0.0.0.0', AUTH: 'none', PORT: new URL(own.url).port, BASE_PATH: '/dash/' });
  t.equal(await runCommand(['switch'], new FakeTerminal()), 0);
  t.same(
    [option, variable, own].map(({ requests }) => requests.length),
    [0, 0, 1],
  );

  set(t, { DASHCACHE_URL: `${variable.url}/` });
  t.equal(await runCommand(['switch'], new FakeTerminal()), 0);
  t.same(
    [option, variable, own].map(({ requests }) => requests.length),
    [0, 1, 1],
  );

  t.equal((await runAgainst(option, ['switch'])).exitCode, 0);
  t.same(
    [option, variable, own].map(({ requests }) => requests.length),
    [1, 1, 1],
  );
});

t.test('ADMIN_TOKEN is sent, and nowhere to be read', async (t) => {
  const refusing = await scriptedService(t, { 'GET /cache/switch': new DashcacheError('unauthorized') });
  const service = await scriptedService(t, { 'GET /cache/switch': STATES });
  await runAgainst(service, ['switch']);
  t.equal(service.requests[0]?.authorization, undefined, 'none without one');
  t.match((await runAgainst(refusing, ['switch'])).terminal.errText, 'set ADMIN_TOKEN, or ADMIN_TOKEN_FILE');

  set(t, { ADMIN_TOKEN: TOKEN });
  const runs = [
    await runAgainst(service, ['switch']),
    await runAgainst(service, ['switch', '--json']),
    await runAgainst(refusing, ['switch']),
    await runAgainst({ url: `http://127.0.0.1:${await freePort()}` }, ['switch']),
  ];
  t.equal(service.requests[1]?.authorization, `Bearer ${TOKEN}`);
  for (const { terminal } of runs) t.notMatch(terminal.outText + terminal.errText, TOKEN);
  t.match(runs[2]?.terminal.errText, 'the ADMIN_TOKEN that is set here is not the one of that service');
});

t.test('ADMIN_TOKEN_FILE does as well', async (t) => {
  const service = await scriptedService(t, { 'GET /cache/switch': STATES });
  set(t, { ADMIN_TOKEN_FILE: `${t.testdir({ token: `${TOKEN}\n` })}/token` });
  await runAgainst(service, ['switch']);
  t.equal(service.requests[0]?.authorization, `Bearer ${TOKEN}`);
});

t.test('a redirect is not followed, so that the token goes nowhere else', async (t) => {
  const elsewhere = await scriptedService(t, { 'GET /cache/switch': STATES });
  const location = `${elsewhere.url}/cache/switch`;
  const service = await scriptedService(t, { 'GET /cache/switch': new RawAnswer(308, '{}', { location }) });
  set(t, { ADMIN_TOKEN: TOKEN });
  const { exitCode, terminal } = await runAgainst(service, ['switch']);
  t.equal(exitCode, 3);
  t.match(terminal.errText, `${service.url} answers with a redirect (308), which is not followed`);
  t.same(elsewhere.requests, []);
});

interface Failure {
  readonly answer: ScriptedAnswer;
  readonly exitCode: number;
  readonly told: readonly (string | RegExp)[];
}

const FAILURES: readonly Failure[] = [
  {
    answer: new DashcacheError('body_invalid', {
      errors: [
        { pointer: '/tags/0', detail: 'has at most 128 characters' },
        { parameter: 'url', detail: 'is missing' },
        { detail: 'Nothing is selected' },
      ],
    }),
    exitCode: 2,
    told: [
      /^The request body is not valid$/m,
      /^ {2}\/tags\/0: has at most 128 characters$/m,
      /^ {2}url: is missing$/m,
      /^ {2}Nothing is selected$/m,
    ],
  },
  {
    answer: new DashcacheError('panel_unknown', { detail: 'operations has no panel \u001b[2Jx' }),
    exitCode: 2,
    told: ['There is no such panel: operations has no panel \\u001b[2Jx'],
  },
  {
    answer: new RawAnswer(
      422,
      '{"code":"later","status":422,"title":"Later","detail":"Not so","request_id":"r"}',
    ),
    exitCode: 2,
    told: [/^Later: Not so$/],
  },
  {
    answer: new DashcacheError('administration_closed', { detail: 'HOST is 0.0.0.0' }),
    exitCode: 3,
    told: ['Administration is closed: HOST is 0.0.0.0', 'help: start the service with an ADMIN_TOKEN'],
  },
  { answer: new DashcacheError('forbidden'), exitCode: 3, told: ['help: set ADMIN_TOKEN'] },
  {
    answer: new DashcacheError('route_unknown'),
    exitCode: 3,
    told: ['There is no such address', /is BASE_PATH missing in http:\/\/127\.0\.0\.1:\d+, or/],
  },
  {
    answer: new DashcacheError('switch_not_taken', {
      detail: 'Redis did not take it',
      retryAfterSeconds: 4.2,
    }),
    exitCode: 3,
    told: ['Redis did not take it', 'help: try again in 5 s', 'under request id req-7'],
  },
  { answer: new DashcacheError('internal'), exitCode: 3, told: ['request id req-7'] },
  { answer: new DashcacheError('too_many_requests'), exitCode: 3, told: ['Too many requests'] },
  {
    answer: new RawAnswer(404, '<html>nginx</html>', { 'content-type': 'text/html' }),
    exitCode: 3,
    told: [/What answers at http:\/\/127\.0\.0\.1:\d+ is not dashcache \(status 404\)/],
  },
  { answer: new RawAnswer(200, 'hello'), exitCode: 3, told: ['is not dashcache (status 200)'] },
  { answer: new RawAnswer(500, '{"error":"x"}'), exitCode: 3, told: ['is not dashcache (status 500)'] },
  {
    answer: { ...STATES, enabled: 'yes' },
    exitCode: 3,
    told: [
      /is not one that dashcache \d.* knows \(\/enabled: Expected boolean\)/,
      'of the version that runs',
    ],
  },
  { answer: [], exitCode: 3, told: ['is not one that dashcache'] },
];

t.test(
  'each failure says what is wrong and what to do, with its exit code and without a stack',
  async (t) => {
    for (const { answer, exitCode, told } of FAILURES) {
      const service = await scriptedService(t, { 'GET /cache/switch': [answer] });
      for (const words of [['switch'], ['switch', '--json']]) {
        const run = await runAgainst(service, words);
        t.equal(run.exitCode, exitCode, run.terminal.errText);
        t.equal(run.terminal.outText, '');
        for (const pattern of told) t.match(run.terminal.errText, pattern);
        t.notMatch(run.terminal.errText, /^\s+at /m, 'no stack');
      }
    }
  },
);

t.test('where nobody listens it says how to start or to name a service: exit code 3', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { exitCode, terminal } = await runAgainst({ url }, ['stats']);
  t.equal(exitCode, 3);
  t.equal(
    terminal.errText,
    `No service answers at ${url} (nothing listens there): start it with \`dashcache serve\`, ` +
      'or name its address with --url or DASHCACHE_URL',
  );
});

t.test('what does not speak HTTP is told as such: exit code 3', async (t) => {
  const server = createServer((socket) => socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const bound = server.address();
  const url = `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`;
  const { exitCode, terminal } = await runAgainst({ url }, ['stats']);
  t.equal(exitCode, 3);
  t.match(terminal.errText, `No service answers at ${url} (Parse Error`);
});

t.test(
  'an address that cannot be asked is a wrong call: exit code 2, and its password is not shown',
  async (t) => {
    for (const url of ['localhost:8000', 'ftp://127.0.0.1', '']) {
      const { exitCode, terminal } = await runAgainst({ url }, ['stats']);
      t.equal(exitCode, 2, url);
      t.match(terminal.errText, 'An address begins with http:// or https://.');
    }
    const { exitCode, terminal } = await runAgainst({ url: 'http://ann:hunter2@127.0.0.1:1' }, ['stats']);
    t.equal(exitCode, 2);
    t.match(terminal.errText, 'set ADMIN_TOKEN instead');
    t.notMatch(terminal.errText, 'hunter2');
  },
);

t.test('settings that are wrong are told before anything is asked: exit code 3', async (t) => {
  const service = await scriptedService(t, { 'GET /cache/switch': STATES });
  set(t, { PORT: 'many' });
  const { exitCode, terminal } = await runAgainst(service, ['switch']);
  t.equal(exitCode, 3);
  t.match(terminal.errText, 'PORT is "many"');
  t.same(service.requests, []);
});

t.test('who does not answer within the deadline is given up', async (t) => {
  const service = await scriptedService(t, { 'GET /x': SILENCE });
  const interrupted = new AbortController().signal;
  const client = new ServiceClient({ address: service.url, token: null, interrupted });
  const asking = client.ask({ path: '/x', answer: Type.Object({}), deadlineMs: 50 });
  await t.rejects(asking, {
    message: `The service at ${service.url} did not answer within 50 ms`,
    exitCode: 3,
  });
});

t.test('SIGINT ends a command that waits, at once and with a sentence', async (t) => {
  const service = await scriptedService(t, { 'GET /reports/cache-statistics/': SILENCE });
  const [program, ...words] = sourceCommand('cli/dashcache.ts');
  const child = spawn(program, [...words, 'stats', '--url', service.url], { env: childEnvironment() });
  let errText = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errText += text;
  });
  const ended = once(child, 'close');
  await service.asked;
  child.kill('SIGINT');
  t.same(await ended, [130, null]);
  t.equal(errText, 'Interrupted; the service may go on with what it has begun\n');
});
