import t, { type Test } from 'tap';
import type { StatisticsBody } from '../../services/statistics/report-schema.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { scriptedService } from '../helpers/scripted-service.js';
import { type Run, runAgainst } from './support/run-against.js';
import { SAMPLE_STATISTICS, samplePanel } from './support/sample-statistics.js';

async function stats(t: Test, body: StatisticsBody, ...words: string[]): Promise<Run> {
  const service = await scriptedService(t, { 'GET /reports/cache-statistics/': body });
  return runAgainst(service, ['stats', ...words]);
}

t.test('the figures are laid out for people; a missed target is no failure', async (t) => {
  const { exitCode, terminal } = await stats(t, SAMPLE_STATISTICS);
  t.equal(exitCode, 0);
  t.equal(terminal.errText, '');
  t.matchSnapshot(terminal.outText);
  t.match(terminal.outText, /✗ load time \(p95\): 612 ms \(at most 500 ms, missed\)/);
});

t.test('the panel with the worst hit rate is first, and who has none is last', async (t) => {
  const { terminal } = await stats(t, SAMPLE_STATISTICS);
  const panels = terminal.outLines.filter((line) => line.startsWith('operations'));
  t.same(
    panels.map((line) => line.split(/ {2,}/)[1]),
    ['charts/tasks', 'metrics', 'charts/vendors', 'summary'],
  );
});

t.test('ten panels are shown, and all of them with --panels', async (t) => {
  const panels = Array.from({ length: 12 }, (_, i) => samplePanel(`charts/c${i}`));
  const body = { ...SAMPLE_STATISTICS, panels };
  const few = (await stats(t, body)).terminal;
  t.equal(few.outText.match(/charts\/c/g)?.length, 10);
  t.match(few.outText, 'The 10 of 12 panels with the worst hit rate (--panels shows all)');
  const all = (await stats(t, body, '--panels')).terminal;
  t.equal(all.outText.match(/charts\/c/g)?.length, 12);
  t.notMatch(all.outText, '--panels');
});

t.test('without Redis it says so, and whose figures these are', async (t) => {
  const { terminal } = await stats(t, { ...SAMPLE_STATISTICS, reach: 'process', redis: null });
  t.match(terminal.outText, /^Redis +none, or it does not answer$/m);
  t.match(terminal.outText, /only this process is counted$/m);
});

t.test('where nothing is measured it says how to change that, with exit code 0', async (t) => {
  const { exitCode, terminal } = await stats(t, { enabled: false });
  t.equal(exitCode, 0);
  t.match(terminal.outText, 'CACHE_MONITORING');
});

t.test('with --json it prints exactly what the service answers, members of later versions too', async (t) => {
  const body = { ...SAMPLE_STATISTICS, later: [1] };
  const { exitCode, terminal } = await stats(t, body, '--json');
  t.equal(exitCode, 0);
  t.same(JSON.parse(terminal.outText), body);
});

t.test('colours are for terminals: the text is the same without them', async (t) => {
  const service = await scriptedService(t, { 'GET /reports/cache-statistics/': SAMPLE_STATISTICS });
  const colored = await runAgainst(service, ['stats'], new FakeTerminal({ colored: true }));
  const plain = await runAgainst(service, ['stats']);
  const csi = String.fromCharCode(27);
  t.ok(colored.terminal.outText.includes(csi));
  t.equal(colored.terminal.outText.replaceAll(new RegExp(`${csi}\\[\\d+m`, 'g'), ''), plain.terminal.outText);
});
