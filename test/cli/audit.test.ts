import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { auditLines } from '../../cli/audit-lines.js';
import { runCommand } from '../../cli/run-command.js';
import { loadOptions } from '../../config/load-options.js';
import { loadConfig } from '../../config.js';
import { DashcacheError } from '../../errors.js';
import type { AuditResult } from '../../services/audit/run-audit.js';
import { loadDefinitions } from '../../services/definitions/load-definitions.js';
import type { ExplainedEntry } from '../../services/explain/entries-schema.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { freePort } from '../helpers/free-port.js';
import {
  RawAnswer,
  type Script,
  type ScriptedService,
  scriptedService,
} from '../helpers/scripted-service.js';
import { until } from '../integration/support/until.js';
import { sampleCopy, sampleEntries, sampleEntry } from './support/sample-entries.js';

const FILES = {
  'dashcache.yaml': 'sources:\n  main: { type: duckdb, files: { sales: sales.csv } }\n',
  'sales.csv': 'region,amount\nnorth,10\nsouth,20\n',
  'sales.yaml': 'id: sales\nsource: main\nmetrics: { query: SELECT sum(amount) AS total FROM sales }\n',
};
const ADDRESS = '/dashboards/sales/metrics';
const HEADERS = { age: '12', etag: '"e"', 'cache-status': 'dashcache; hit; ttl=120; detail=l1' };

interface Audited {
  readonly exitCode: number;
  readonly terminal: FakeTerminal;
}

async function audit(folder: string, ...words: string[]): Promise<Audited> {
  const terminal = new FakeTerminal();
  const exitCode = await runCommand(['audit', folder, '--rate', '1000/s', '--seed', '1', ...words], terminal);
  return { exitCode, terminal };
}

function bodyOf(total: number, panel = 'metrics'): RawAnswer {
  const generated_at = '2026-11-25T07:00:00.000Z';
  const body = { dashboard: 'sales', panel, params: {}, generated_at, data: { total } };
  return new RawAnswer(200, JSON.stringify(body), HEADERS);
}

/** A replica that serves this folder, and gives 30 for the total unless the script says otherwise. */
async function replicaOf(
  t: Test,
  folder: string,
  { script = {}, entry = {} }: { script?: Script; entry?: Partial<ExplainedEntry> } = {},
): Promise<ScriptedService> {
  const { dashboards } = await loadDefinitions(folder, loadOptions(loadConfig()));
  const definition = dashboards.get('sales')?.panels.get('metrics')?.definitionHash ?? '';
  const copy = sampleCopy({ etag: 'e' });
  const key = { ...sampleEntry().key, definition };
  return scriptedService(t, {
    'GET /health/ready': { status: 'ready', degraded: [] },
    'GET /cache/entries': sampleEntries([sampleEntry({ l1: copy, l2: copy, key, ...entry })]),
    'GET /cache/events': { events: [] },
    [`GET ${ADDRESS}`]: bodyOf(30),
    ...script,
  });
}

t.test('replicas that answer as the source does: exit code 0', async (t) => {
  const folder = t.testdir(FILES);
  const [one, two] = [await replicaOf(t, folder), await replicaOf(t, folder)];
  const { exitCode, terminal } = await audit(folder, '--url', one.url, '--url', two.url, '--sample', '5');
  t.equal(exitCode, 0, terminal.errText);
  t.match(terminal.outLines[0], /^5 samples of 1 address at 2 replicas in .*, seed 1$/);
  t.same(terminal.outLines.slice(1), [
    '10 reads: 10 as the source',
    '✓ 10 of 10 reads within the bound',
    'so many show, with a certainty of 95 %, that at least 70 % are: not one nine; 1 nine would take 30 reads',
  ]);
  t.equal(terminal.errLines.at(-1), '5/5 samples, 0 violations');
  const lines = [...new Set(one.requests.map(({ line }) => line))];
  const explained = `GET /cache/entries?url=${encodeURIComponent(ADDRESS)}`;
  t.same(lines, ['GET /health/ready', explained, `GET ${ADDRESS}`], 'a browser, and an administrator');
});

t.test('a read that is not within the bound is told with what was promised: exit code 1', async (t) => {
  const folder = t.testdir(FILES);
  const old = await replicaOf(t, folder, { script: { [`GET ${ADDRESS}`]: bodyOf(30, 'summary') } });
  const { exitCode, terminal } = await audit(folder, '--url', old.url, '--sample', '1');
  t.equal(exitCode, 1);
  t.match(terminal.outLines, [
    'the answer to another question: metrics of sales (wrong_question)',
    `  read      ${old.url}${ADDRESS}`,
    /^ {2}at {8}2/,
    '  promised  {"dashboard":"sales","panel":"metrics","params":{}}',
    '  seen      {"dashboard":"sales","panel":"summary","params":{}}',
    /^1 sample of 1 address at 1 replica in/,
    '1 read: 0 as the source',
    '✗ 0 of 1 read within the bound: 0 %, not one nine',
  ]);
  const json = await audit(folder, '--url', old.url, '--sample', '1', '--json');
  t.equal(json.exitCode, 1);
  t.match(JSON.parse(json.terminal.outText), {
    reads: 1,
    within: 0,
    violations_by_kind: { wrong_question: 1 },
    violations: [{ kind: 'wrong_question', replica: old.url, tenant: null, address: ADDRESS }],
  });
});

t.test('older data within its ttl are fine, and told apart', async (t) => {
  const folder = t.testdir(FILES);
  const older = await replicaOf(t, folder, { script: { [`GET ${ADDRESS}`]: bodyOf(29) } });
  const { exitCode, terminal } = await audit(folder, '--url', older.url, '--sample', '2');
  t.equal(exitCode, 0, terminal.outText);
  t.match(terminal.outText, '2 reads: 0 as the source, 2 older within the ttl');
  t.ok(
    older.requests.some(({ line }) => line.startsWith('GET /cache/events?kind=invalidation')),
    'what was purged is asked for then',
  );
});

t.test('a replica, or a source, that cannot be asked: exit code 3', async (t) => {
  const folder = t.testdir(FILES);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const away = await audit(folder, '--url', (await replicaOf(t, folder)).url, '--url', nobody);
  t.equal(away.exitCode, 3);
  t.match(away.terminal.errText, `No service answers at ${nobody}`);
  t.equal(away.terminal.outText, '');

  const { 'sales.csv': _, ...withoutData } = FILES;
  const empty = t.testdir({ empty: withoutData });
  const service = await replicaOf(t, `${empty}/empty`);
  const { exitCode, terminal } = await audit(`${empty}/empty`, '--url', service.url, '--sample', '1');
  t.equal(exitCode, 3);
  t.match(terminal.outText, /^not judged: metrics: /m);
  t.match(terminal.outText, '0 reads: 0 as the source; 1 not judged, for the source did not answer');
  t.equal(terminal.outLines.at(-1), '✗ Nothing could be judged');
});

t.test('a replica that goes away meanwhile: what was found is told before, exit code 3', async (t) => {
  const folder = t.testdir(FILES);
  const ready = { status: 'ready', degraded: [] };
  const script = { 'GET /health/ready': [ready, ready, new DashcacheError('starting_or_draining')] };
  const service = await replicaOf(t, folder, { script });
  const { exitCode, terminal } = await audit(folder, '--url', service.url);
  t.equal(exitCode, 3);
  t.match(terminal.outText, '✓ 2 of 2 reads within the bound');
  t.match(terminal.errText, 'help: try again in');
});

t.test('interrupted, it tells what was found: exit code 130', async (t) => {
  const folder = t.testdir(FILES);
  const service = await replicaOf(t, folder);
  const terminal = new FakeTerminal({ errWatched: true });
  const running = runCommand(['audit', folder, '--url', service.url, '--rate', '1/min'], terminal);
  t.ok(await until(() => terminal.overwritten.length > 0));
  process.emit('SIGINT');
  t.equal(await running, 130);
  t.match(terminal.outText, '✓ 1 of 1 read within the bound');
  t.equal(terminal.errLines.at(-1), 'Interrupted');
});

t.test('a service that serves something else is not audited: exit code 3', async (t) => {
  const folder = t.testdir(FILES);
  const others: readonly (readonly [told: RegExp, Parameters<typeof replicaOf>[2]])[] = [
    [
      /serves another definition of metrics of sales: audit the folder/,
      { entry: { key: sampleEntry().key } },
    ],
    [/explains no panel/, { script: { 'GET /cache/entries': sampleEntries([]) } }],
    [/no answer that this version knows/, { script: { [`GET ${ADDRESS}`]: { data: 1 } } }],
    [/status 418, and is not dashcache/, { script: { [`GET ${ADDRESS}`]: new RawAnswer(418, 'tea') } }],
  ];
  for (const [told, options] of others) {
    const service = await replicaOf(t, folder, options);
    const { exitCode, terminal } = await audit(folder, '--url', service.url, '--sample', '1');
    t.equal(exitCode, 3);
    t.match(terminal.errText, told);
  }
});

t.test('a problem is no lie; where there is nothing else, nothing was judged: exit code 3', async (t) => {
  const folder = t.testdir(FILES);
  const script = { [`GET ${ADDRESS}`]: new DashcacheError('source_down') };
  const service = await replicaOf(t, folder, { script });
  const { exitCode, terminal } = await audit(folder, '--url', service.url, '--sample', '1');
  t.equal(exitCode, 3);
  t.match(terminal.outText, `not judged: ${service.url}${ADDRESS}: `);
  t.match(terminal.outText, '1 answered with an error');
});

t.test('called wrongly: exit code 2', async (t) => {
  const folder = t.testdir(FILES);
  const wrong: readonly (readonly [words: readonly string[], told: RegExp])[] = [
    [['--sample', '0'], /A number from 1 to 100000/],
    [['--for', '60'], /A duration has a unit/],
    [['--rate', '5'], /A rate is a number in a second or a minute/],
    [['--rate', '0/s'], /A rate is a number in a second or a minute/],
    [['--seed', 'x'], /A seed is a number/],
    [['--url', 'localhost'], /An address begins with http/],
    [['--url', 'http://a', '--url', 'http://a'], /named already/],
  ];
  for (const [words, told] of wrong) {
    const { exitCode, terminal } = await audit(folder, ...words);
    t.equal(exitCode, 2, words.join(' '));
    t.match(terminal.errText, told);
  }
  t.match(await audit('/does/not/exist'), {
    exitCode: 2,
    terminal: { errText: '/does/not/exist is no folder' },
  });
});

const NOTHING_WRONG: AuditResult = {
  seed: 4711,
  replicas: ['http://10.0.0.7:8000', 'http://10.0.0.8:8000'],
  places: 56,
  skipped: [],
  duration_ms: 120_000,
  source_away: false,
  ended_early: null,
  samples: 600,
  reads: 1200,
  within: 1200,
  identical: 1191,
  older: { fresh: 5, stale: 4, stale_if_error: 0, unproven: 0, loaded: 0 },
  unanswered: 0,
  unknown: 0,
  problems: [],
  nines: { percent: 100, nines: 2, provenPercent: 99.75 },
  violations_by_kind: {},
  violations: [],
};

t.test('the example of docs/commands.md shows what is printed', async (t) => {
  const period = encodeURIComponent('2026-10-26T00:00:00Z/2026-11-25T00:00:00Z');
  const lines = auditLines(
    {
      ...NOTHING_WRONG,
      within: 1199,
      identical: 1190,
      nines: { percent: 99.9166, nines: 3, provenPercent: null },
      violations: [
        {
          kind: 'purge_ignored',
          at: '2026-11-25T08:00:00.000Z',
          replica: 'http://10.0.0.8:8000',
          dashboard: 'operations',
          panel: 'charts/tasks',
          tenant: '7',
          address: `/dashboards/operations/charts/tasks?site_id=7&period=${period}`,
          promised: 'nothing from before the purge of table tasks',
          seen: 'a read that began 2 s after it was in force here was given what was read at least 4 min 10 s before it',
        },
      ],
    },
    new FakeTerminal().colors,
  );
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const [, example = ''] = /\$ dashcache audit .*\n([\s\S]*?)```/.exec(page) ?? [];
  t.equal(lines.join('\n'), example.trimEnd());
});

t.test('what is much is not printed in full', async (t) => {
  const violation = {
    kind: 'false_age' as const,
    at: '',
    replica: '',
    dashboard: 'd',
    panel: 'p',
    tenant: null,
    address: '',
    promised: '',
    seen: '',
  };
  const violations = Array.from({ length: 22 }, () => violation);
  const skipped = ['summary of alone: nobody tells the values of region'];
  const lines = auditLines({ ...NOTHING_WRONG, violations, skipped }, new FakeTerminal().colors);
  t.equal(lines.filter((line) => line.startsWith('a false Age:')).length, 20);
  t.same(lines.slice(100, 102), ['and 2 more violations', `not audited: ${skipped[0]}`]);
});
