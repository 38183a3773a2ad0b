import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { Bypassed } from '../../services/bypass/bypass-schema.js';
import type { Section } from '../../services/report/checklist.js';
import type { EnabledPeriodsBody } from '../../services/statistics/report-schema.js';
import { type Script, type ScriptedService, scriptedService } from '../helpers/scripted-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { SAMPLE_BASELINE, SAMPLE_PERIODS, samplePeriod } from '../services/report/support/sample-report.js';
import { type Run, runAgainst } from './support/run-against.js';
import { SAMPLE_STATISTICS } from './support/sample-statistics.js';

const GOOD: EnabledPeriodsBody = { ...SAMPLE_PERIODS, total: samplePeriod('total') };
const ON = { enabled: true, off_by: null };
const SWITCHES = { ...ON, dashboards: [{ dashboard: 'a', ...ON, panels: [{ panel: 'metrics', ...ON }] }] };
const FLUSH = {
  kind: 'invalidation',
  at: '2026-11-20T08:00:00.000Z',
  ...{ mode: 'purge', cause: 'request', taken: true, scopes: [{ scope: 'all', name: null, tenant: null }] },
};

function serviceOf(t: Test, script: Script = {}): Promise<ScriptedService> {
  return scriptedService(t, {
    'GET /reports/cache-statistics/': SAMPLE_STATISTICS,
    'GET /reports/cache-periods': GOOD,
    'GET /health/ready': { status: 'ready', degraded: [] },
    'GET /cache/switch': SWITCHES,
    'GET /cache/events?kind=switch&limit=500': { events: [] },
    'GET /cache/events?kind=invalidation&limit=500': { events: [FLUSH] },
    ...script,
  });
}

function baselineFile(t: Test, baseline: object | string = SAMPLE_BASELINE): string {
  const file = join(tempFolder(t), 'baseline.json');
  writeFileSync(file, typeof baseline === 'string' ? baseline : JSON.stringify(baseline));
  return file;
}

async function report(t: Test, script: Script, ...words: string[]): Promise<Run> {
  return runAgainst(await serviceOf(t, script), ['report', ...words]);
}

t.test('with a baseline and no target missed: the table for people, exit code 0', async (t) => {
  const { exitCode, terminal } = await report(t, {}, '--baseline', baselineFile(t));
  t.equal(exitCode, 0, terminal.errText);
  t.matchSnapshot(terminal.outText);
  t.match(terminal.outText, /^Load time \(p95\) +2500 ms +at most 500 ms +312 ms +met$/m);
  t.match(terminal.outText, /^✓ No target missed since 2026-11-16$/m);
});

t.test('a target that is missed is named, with exit code 1, in every form', async (t) => {
  const script = { 'GET /reports/cache-periods': SAMPLE_PERIODS };
  const text = await report(t, script);
  t.equal(text.exitCode, 1);
  t.match(text.terminal.outText, /^✗ Missed since 2026-11-16: Load time \(p95\)$/m);
  t.match(text.terminal.outText, 'No baseline: measure it with');
  const json = await report(t, script, '--json');
  t.equal(json.exitCode, 1);
  t.match(JSON.parse(json.terminal.outText), { missed: ['load_time'], baseline: null, reach: 'cluster' });
  const markdown = await report(t, script, '--markdown', '--baseline', baselineFile(t));
  t.equal(markdown.exitCode, 1);
  t.matchSnapshot(markdown.terminal.outText);
});

t.test('where nothing was measured it says so, with exit code 0', async (t) => {
  const nothing = {
    ...{ minutes: 0, requests: 0, hit_rate: null, queries_per_minute: null, redis_max_bytes: null },
    load_time: { mean_ms: null, p50_ms: null, p95_ms: null, p99_ms: null },
  };
  const body = { ...GOOD, reach: 'process', total: samplePeriod('total', nothing), periods: [] };
  const { exitCode, terminal } = await report(t, { 'GET /reports/cache-periods': body });
  t.equal(exitCode, 0);
  t.equal(terminal.outText.match(/not measured/g)?.length, 8);
  t.match(terminal.outText, '· Nothing was measured since 2026-11-16');
  t.match(terminal.outText, 'Only of the process that answered');
});

t.test('without monitoring there is no report, with exit code 3', async (t) => {
  const { exitCode, terminal } = await report(t, { 'GET /reports/cache-statistics/': { enabled: false } });
  t.equal(exitCode, 3);
  t.match(terminal.errText, 'CACHE_MONITORING');
});

t.test('--since is asked for as its first instant; what is no day is a wrong call', async (t) => {
  const service = await serviceOf(t);
  await runAgainst(service, ['report', '--since', '2026-11-16']);
  t.ok(service.requests.some(({ line }) => line === 'GET /reports/cache-periods?since=2026-11-16T00:00:00Z'));
  for (const day of ['yesterday', '2026-11-31', '2026-13-01', '16.11.2026'])
    t.equal((await report(t, {}, '--since', day)).exitCode, 2, day);
});

t.test('a baseline that is named and is none: a wrong call that says what to do', async (t) => {
  for (const file of [
    join(tempFolder(t), 'none.json'),
    baselineFile(t, '{'),
    baselineFile(t, { version: 2 }),
  ]) {
    const { exitCode, terminal } = await report(t, {}, '--baseline', file);
    t.equal(exitCode, 2);
    t.match(terminal.errText, 'dashcache report baseline');
  }
});

t.test('the checklist is ticked by what is seen; what an administrator alone sees stays open', async (t) => {
  const { exitCode, terminal } = await report(t, {}, '--checklist', '--baseline', baselineFile(t));
  t.equal(exitCode, 0);
  for (const line of [
    /^- \[x\] Monitoring is on/m,
    /^- \[x\] Baseline measured .*500 reads/m,
    /^- \[x\] The cache is on \(`dashcache switch`\): for all panels$/m,
    /^- \[x\] Flushing was tried/m,
    /^- \[ \] Switching off was tried \(`dashcache switch off`\)$/m,
    /^- \[ \] 2026-11-16: Hit rate at least 60 % .*: \*\*missed\*\* 41.2 %$/m,
    /^- \[x\] Load time \(p95\) at most 500 ms .*312 ms, before: 2500 ms$/m,
    /^- \[ \] Optimizer previewed \(`dashcache optimize --dry-run --path DIR`\)$/m,
    /^## Sign-off$/m,
  ])
    t.match(terminal.outText, line);
  const closed = new DashcacheError('administration_closed');
  const script = {
    'GET /cache/switch': closed,
    'GET /cache/events?kind=switch&limit=500': closed,
    'GET /cache/events?kind=invalidation&limit=500': closed,
  };
  const open = await report(t, script, '--checklist');
  t.match(open.terminal.errText, 'ADMIN_TOKEN');
  t.match(open.terminal.outText, /^- \[ \] The cache is on \(`dashcache switch`\)$/m);
  t.match(open.terminal.outText, /^- \[ \] Flushing was tried/m);
  const json: { sections: Section[] } = JSON.parse(
    (await report(t, {}, '--checklist', '--json')).terminal.outText,
  );
  t.equal(json.sections.length, 8);
});

const bypassed = (url: string, ms: number): Bypassed => ({
  ...{ url, dashboard: 'operations', is_whole: false, duration_ms: ms },
  panels: [{ panel: 'metrics', duration_ms: ms, queries: 2, bytes: 10, problem: null }],
});

const CATALOGUE = {
  dashboards: [
    { id: 'operations', tenant: 'site_id', panels: [{ id: 'metrics' }, { id: 'charts/tasks' }] },
    { id: 'lone', tenant: 'team', panels: [{ id: 'metrics' }] },
  ],
};

function bypassing(t: Test, script: Script = {}): Promise<ScriptedService> {
  return serviceOf(t, {
    'GET /dashboards': CATALOGUE,
    'GET /dashboards/operations/options/site_id': { options: [{ value: 7 }, { value: 'B 8' }] },
    'GET /dashboards/lone/options/team': new DashcacheError('parameter_unknown'),
    'POST /cache/bypasses': [
      bypassed('/a', 1000),
      bypassed('/b', 3000),
      new DashcacheError('panel_unknown'),
      bypassed('/c', 2000),
    ],
    ...script,
  });
}

const FAST = ['--rate', '1000/s', '--seed', '3'];

t.test('a baseline without a log: the panels that are read, for all tenants, stored and shown', async (t) => {
  const service = await bypassing(t);
  const file = join(tempFolder(t), 'new.json');
  const words = ['report', 'baseline', '--baseline', file, '--sample', '4', ...FAST];
  const { exitCode, terminal } = await runAgainst(service, words);
  t.equal(exitCode, 0, terminal.errText);
  t.same(terminal.outLines, [
    '3 requests, 3 reads beside the cache, seed 3; 1 address unknown',
    'Load time       p95 3000 ms, mean 2000 ms',
    // 50,000 reads in 1440 minutes, six queries for four addresses.
    'Source queries  52/min, 6 for 3 requests',
    `Stored in ${file}`,
  ]);
  t.match(JSON.parse(readFileSync(file, 'utf8')), { version: 1, traffic: 'statistics', refused: 1 });
  const asked = service.requests.flatMap(({ line, body }) => (line.startsWith('POST') ? [body] : []));
  t.equal(asked.length, 4);
  for (const body of asked)
    t.match(body, { url: /^\/dashboards\/operations\/(metrics|charts\/tasks)\?site_id=(7|B%208)$/ });
});

t.test('a share is bounded by what readers ask, and needs readers', async (t) => {
  const none = { ...GOOD, total: samplePeriod('total', { requests: 0 }) };
  const idle = await bypassing(t, { 'GET /reports/cache-periods': none });
  const { exitCode, terminal } = await runAgainst(idle, ['report', 'baseline', '--share', '2', ...FAST]);
  t.equal(exitCode, 2);
  t.match(terminal.errText, 'leave --share out');
  // 34.7 reads a minute: two percent of it is one in 86 s, so the second does not come within 100 ms.
  const service = await bypassing(t);
  const file = join(tempFolder(t), 'new.json');
  const words = ['report', 'baseline', '--share', '2', '--for', '100ms', '--baseline', file, ...FAST];
  t.equal((await runAgainst(service, words)).exitCode, 0);
  t.equal(service.requests.filter(({ line }) => line.startsWith('POST')).length, 1);
});

t.test('where nothing can be measured nothing is stored, and it says why', async (t) => {
  const file = join(tempFolder(t), 'new.json');
  const empty = join(tempFolder(t), 'access.log');
  writeFileSync(empty, 'nothing\n');
  const closed = await bypassing(t, { 'POST /cache/bypasses': new DashcacheError('unauthorized') });
  const unknown = await bypassing(t, { 'POST /cache/bypasses': new DashcacheError('panel_unknown') });
  const rows: readonly (readonly [ScriptedService, string[], number, RegExp])[] = [
    [closed, [], 3, /ADMIN_TOKEN/],
    [unknown, ['--sample', '2'], 3, /2 addresses the service does not know/],
    [unknown, ['--log', empty], 2, /common or the combined format/],
    [unknown, ['--log', join(tempFolder(t), 'none.log')], 2, /cannot be read/],
    [unknown, ['--rate', 'fast'], 2, /A rate is/],
    [unknown, ['--share', '0'], 2, /A share is/],
  ];
  for (const [service, words, code, told] of rows) {
    const all = ['report', 'baseline', '--baseline', file, ...(words[0] === '--rate' ? [] : FAST), ...words];
    const { exitCode, terminal } = await runAgainst(service, all);
    t.equal(exitCode, code, terminal.errText);
    t.match(terminal.errText, told);
  }
  t.throws(() => readFileSync(file));
});
