import t, { type Test } from 'tap';
import { DashcacheError } from '../../errors.js';
import type { Entries } from '../../services/explain/entries-schema.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { scriptedService } from '../helpers/scripted-service.js';
import { type Run, runAgainst } from './support/run-against.js';
import { sampleCopy, sampleEntries, sampleEntry } from './support/sample-entries.js';

const ADDRESS = '/dashboards/operations?site_id=7';

async function explain(t: Test, body: Entries, ...words: string[]): Promise<Run> {
  const service = await scriptedService(t, { 'GET /cache/entries': body });
  return runAgainst(service, ['explain', ADDRESS, ...words]);
}

const ABSENT = sampleEntry({
  panel: 'metrics',
  state: 'absent',
  reason: 'loaded from its source: nothing is stored',
  found_in: null,
  age_ms: null,
  tables: [],
  tables_verdict: 'unknown',
  tags: [],
  l1: null,
  l2: null,
});

t.test('one panel is explained in full', async (t) => {
  const { exitCode, terminal } = await explain(t, sampleEntries([sampleEntry()]));
  t.equal(exitCode, 0);
  t.equal(terminal.errText, '');
  t.matchSnapshot(terminal.outText);
});

t.test('what there is none of is said as well', async (t) => {
  const { key, policy } = ABSENT;
  const entry = {
    ...ABSENT,
    enabled: false,
    key: { ...key, redis_key: null, tenant: null, params: [] },
    policy: { ...policy, ttl_origin: 'panel', soft_deadline_ms: 200, unproven: 'never' as const },
  };
  const { terminal } = await explain(t, { ...sampleEntries([entry]), tenant: null });
  t.matchSnapshot(terminal.outText);
});

t.test('a whole dashboard is a table, and in full with --verbose', async (t) => {
  const gone = sampleEntry({
    panel: 'summary',
    state: 'gone',
    reason: 'loaded from its source: it was purged',
    found_in: null,
    age_ms: null,
    enabled: false,
  });
  const body = sampleEntries([ABSENT, sampleEntry(), gone]);
  const { exitCode, terminal } = await explain(t, body);
  t.equal(exitCode, 0);
  t.matchSnapshot(terminal.outText);

  const full = (await explain(t, body, '--verbose')).terminal;
  for (const panel of ['metrics', 'charts/tasks', 'summary']) {
    t.match(full.outText, new RegExp(`^${panel} of operations, tenant 7$`, 'm'));
  }
  t.equal(full.outText.match(/^ {2}next read /gm)?.length, 3);
});

t.test('the moments are seen from the clock of the service, whatever the clock here says', async (t) => {
  const l2 = sampleCopy({ state: 'stale', age_ms: 700_000 });
  const { terminal } = await explain(t, sampleEntries([sampleEntry({ l2 })]));
  t.match(terminal.outText, 'loaded 11 min 40 s ago, stale 1 min 40 s ago, gone in 23 h 58 min');
  t.match(terminal.outText, 'loaded 12 s ago, stale in 9 min 47 s, gone in 1 d');
});

t.test('the address is passed on as it was given', async (t) => {
  const service = await scriptedService(t, { 'GET /cache/entries': sampleEntries([ABSENT]) });
  for (const address of [
    '/dashboards/operations?site_id=7&period=8w',
    'https://dash.example.com/base/dashboards/operations?q=ä%20#top',
    'nonsense',
  ]) {
    t.equal((await runAgainst(service, ['explain', address])).exitCode, 0);
    const url = new URL(service.requests.at(-1)?.line.replace('GET ', '') ?? '', 'http://x');
    t.equal(url.searchParams.get('url'), address);
  }
});

t.test('what the service stores cannot command the terminal', async (t) => {
  const { terminal } = await explain(t, sampleEntries([sampleEntry({ reason: '\u001b[2Jgone' })]));
  t.match(terminal.outText, '\\u001b[2Jgone');
});

t.test('the states have their colours on a terminal', async (t) => {
  const service = await scriptedService(t, { 'GET /cache/entries': sampleEntries([ABSENT, sampleEntry()]) });
  const { terminal } = await runAgainst(service, ['explain', ADDRESS], new FakeTerminal({ colored: true }));
  const csi = String.fromCharCode(27);
  t.ok(terminal.outText.includes(`${csi}[32mfresh`));
  t.ok(terminal.outText.includes(`${csi}[31mabsent`));
});

t.test('an address that the service does not accept is told with every fault: exit code 2', async (t) => {
  const refused = new DashcacheError('parameters_invalid', {
    errors: [{ parameter: 'site_id', detail: 'is required' }],
  });
  const service = await scriptedService(t, { 'GET /cache/entries': refused });
  const { exitCode, terminal } = await runAgainst(service, ['explain', '/dashboards/operations']);
  t.equal(exitCode, 2);
  t.match(terminal.errText, /^ {2}site_id: is required$/m);
});

t.test('without an address it is called wrongly: exit code 2', async (t) => {
  const service = await scriptedService(t, {});
  t.match((await runAgainst(service, ['explain'])).terminal.errText, "missing required argument 'address'");
  t.equal((await runAgainst(service, ['explain', ''])).exitCode, 2);
  t.same(service.requests, []);
});

t.test('an instant that is none is refused: exit code 3', async (t) => {
  const entry = sampleEntry();
  const l1 = entry.l1 && { ...entry.l1, stale_at: 'soon' };
  const { exitCode, terminal } = await explain(t, sampleEntries([{ ...entry, l1 }]));
  t.equal(exitCode, 3);
  t.equal(terminal.outText, '');
});

t.test('with --json it prints what the service answers', async (t) => {
  const body = sampleEntries([sampleEntry(), ABSENT]);
  const { terminal } = await explain(t, body, '--json');
  t.same(JSON.parse(terminal.outText), body);
});
