import t, { type Test } from 'tap';
import type { Why } from '../../services/explain/why-schema.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { scriptedService } from '../helpers/scripted-service.js';
import { type Run, runAgainst } from './support/run-against.js';
import { samplePanelWhy, sampleWhy } from './support/sample-why.js';

const ADDRESS = '/dashboards/operations?site_id=7';

async function why(t: Test, body: Why, ...words: string[]): Promise<Run> {
  const service = await scriptedService(t, { 'GET /cache/why': body });
  return runAgainst(service, ['why', ADDRESS, ...words], new FakeTerminal());
}

t.test('each panel has its answer, its reason, what comes next, and its story', async (t) => {
  const { refresh } = samplePanelWhy();
  const missing = samplePanelWhy({
    panel: 'metrics',
    state: 'gone',
    found_in: null,
    age_ms: null,
    answer: 'miss',
    because: 'purged: somebody asked for it, everything',
    refresh: { ...refresh, reason: 'None: the next read loads it.', warmed_at: null },
    story: [],
  });
  const late = samplePanelWhy({
    panel: 'summary',
    state: 'stale',
    found_in: 'l2',
    refresh: { ...refresh, contract_ends_at: '2026-11-25T07:59:00.000Z' },
  });
  const off = samplePanelWhy({
    panel: 'charts/vendors',
    enabled: false,
    answer: 'bypass',
    refresh: { ...refresh, contract_ends_at: '2026-11-25T08:01:00.000Z' },
  });
  const { exitCode, terminal } = await why(t, sampleWhy([missing, late, off]));
  t.equal(exitCode, 0);
  t.equal(terminal.errText, '');
  t.matchSnapshot(terminal.outText);
});

t.test('an address without panels and without tenants is told in one line', async (t) => {
  const { terminal } = await why(t, { ...sampleWhy([]), tenant: null });
  t.equal(terminal.outText, 'operations: no panel is read at this address');
});

t.test('--json prints the answer as it came', async (t) => {
  const { terminal } = await why(t, sampleWhy(), '--json');
  t.same(JSON.parse(terminal.outText), sampleWhy());
});

t.test('an empty address is a wrong call', async (t) => {
  const service = await scriptedService(t, {});
  const { exitCode, terminal } = await runAgainst(service, ['why', '']);
  t.equal(exitCode, 2);
  t.match(terminal.errText, /address .* is empty/);
});
