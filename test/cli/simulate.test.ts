import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EXIT } from '../../cli/exit-codes.js';
import { runCommand } from '../../cli/run-command.js';
import { FakeTerminal } from '../helpers/fake-terminal.js';
import { shopFolder } from '../integration/support/shop.js';

const START_MS = Date.UTC(2026, 10, 25, 9);
const READS_COUNT = 60;

/** A read of one panel every ten seconds, as a web server tells of it. */
function logText(pathOf: (i: number) => string = () => '/dashboards/shop/metrics?site_id=7'): string {
  return Array.from({ length: READS_COUNT }, (_, i) => {
    const at = new Date(START_MS + i * 10_000).toISOString().slice(11, 19);
    return `10.0.0.7 - - [25/Nov/2026:${at} +0000] "GET ${pathOf(i)} HTTP/1.1" 200 900 "-" "Mozilla"\n`;
  }).join('');
}

async function simulate(t: Test, log: string, ...words: string[]) {
  const folder = await shopFolder(t);
  const file = join(folder, '..', 'access.log');
  writeFileSync(file, log);
  const terminal = new FakeTerminal();
  const exitCode = await runCommand(['simulate', file, folder, ...words], terminal);
  return { exitCode, terminal, file };
}

t.test('a log is replayed as declared and as tried', async (t) => {
  const { exitCode, terminal } = await simulate(
    t,
    `${logText()}rubbish\n`,
    ...['--ttl', 'shop/metrics=20s', '--grace', '0s', '--no-proposals'],
  );
  t.equal(exitCode, EXIT.fine);
  const lines = terminal.outLines.map((line) => line.replace(/ {2,}/g, '  '));
  t.equal(
    lines[0],
    '60 reads of panels in 10 min, 2026-11-25T09:00:00.000Z to 2026-11-25T09:09:50.000Z; left out: 1 not a line of a log',
  );
  t.ok(lines.includes('hit rate  98.33 %  50 %'), lines.join('\n'));
  t.ok(lines.includes('without a cache  6.1  6.1'));
  t.ok(lines.includes('shop/metrics  60  1  98.33 %  2  10m'));
  t.notMatch(terminal.outText, /worth trying/i);
});

t.test('with --json all of it is there, proposals too', async (t) => {
  const log = logText((i) => `/dashboards/shop/metrics?site_id=${1 + (i % 40)}`);
  const { terminal } = await simulate(t, log, '--json');
  t.match(JSON.parse(terminal.outText), {
    skipped_lines: {},
    declared: { reads: READS_COUNT, hit_rate: 33.33, queries: 40 },
    tried: null,
    proposals: [
      { dashboard: 'shop', panel: 'metrics', proposed_ttl_ms: null, reason: /different parameters/ },
    ],
  });
});

t.test('given changes, what a table has changed for is stale', async (t) => {
  const folder = await shopFolder(t);
  const [log, changes] = ['access.log', 'changes.log'].map((name) => join(folder, '..', name)) as [
    string,
    string,
  ];
  writeFileSync(log, logText());
  writeFileSync(
    changes,
    '2026-11-25T09:05:01Z sales\n\n2026-11-25T09:02:01Z sales\n2026-11-25T08:00:00Z sales\n',
  );
  const words = ['--changes', changes, '--json', '--no-proposals'];
  const terminal = new FakeTerminal();
  t.equal(await runCommand(['simulate', log, folder, ...words], terminal), EXIT.fine);
  t.match(
    JSON.parse(terminal.outText),
    { declared: { queries: 3 } },
    'one at first, and one for each change',
  );

  writeFileSync(changes, '2026-11-25T09:05:01Z sales\nsales\n');
  const wrong = new FakeTerminal();
  t.equal(await runCommand(['simulate', log, folder, ...words], wrong), EXIT.usage);
  t.match(wrong.errText, /changes\.log: line 2 is not an instant and a table/);
});

t.test('what cannot be simulated is said, with what to do', async (t) => {
  for (const [log, words, exitCode, said] of [
    [logText(), ['--ttl', 'shop/nothing=1m'], EXIT.usage, /There is no panel shop\/nothing/],
    [logText(), ['--ttl', 'soon'], EXIT.usage, /A duration such as/],
    [logText(), ['--memory', '-1'], EXIT.usage, /A size such as/],
    [logText(), ['--processes', '0'], EXIT.usage, /A number from 1/],
    [logText(), ['--changes', '/nowhere/changes'], EXIT.usage, /There is no file \/nowhere\/changes/],
    ['rubbish\n', [], EXIT.environment, /holds no read of data that was answered/],
    [logText(() => '/elsewhere'), ['--no-proposals'], EXIT.environment, /BASE_PATH/],
  ] as const) {
    const { exitCode: real, terminal } = await simulate(t, log, ...words);
    t.equal(real, exitCode, String(words));
    t.match(terminal.errText, said);
  }
  const terminal = new FakeTerminal();
  t.equal(await runCommand(['simulate', '/nowhere/log', '/nowhere'], terminal), EXIT.usage);
  t.match(terminal.errText, /\/nowhere is no folder/);
});
