import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { anchorsOf } from './support/anchors-of.js';

const FOLDER = fileURLToPath(new URL('../../deploy/prometheus/', import.meta.url));

interface Rule {
  readonly alert?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleTest {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts?: readonly unknown[];
  }[];
}

function promtool(...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync('promtool', args, { cwd: FOLDER, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

const { groups }: { groups: { rules: Rule[] }[] } = parse(readFileSync(`${FOLDER}rules.yaml`, 'utf8'));
const alarms = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);

t.test('promtool finds nothing wrong', async (t) => {
  for (const args of [
    ['check', 'rules', 'rules.yaml'],
    ['test', 'rules', 'rules.test.yaml'],
    ['check', 'config', '--syntax-only', 'scrape.yaml'],
  ]) {
    const { status, said } = promtool(...args);
    t.equal(status, 0, said);
    t.notMatch(said, /warn|error|failed/i);
  }
});

t.test('every alarm is seen to fire, and to be silent', async (t) => {
  const { tests }: { tests: RuleTest[] } = parse(readFileSync(`${FOLDER}rules.test.yaml`, 'utf8'));
  const fired = tests
    .flatMap(({ alert_rule_test: expected = [] }) => expected)
    .filter(({ exp_alerts: alerts = [] }) => alerts.length > 0);
  t.same(
    [...new Set(fired.map(({ alertname }) => alertname))].sort(),
    alarms.map(({ alert }) => alert).sort(),
  );
  t.match(JSON.stringify(tests[0]), /count\(ALERTS\) or vector\(0\)/, 'none in good days');
});

t.test('every alarm leads to what to do', async (t) => {
  const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  for (const { alert, annotations = {} } of alarms) {
    const [path, anchor = ''] = (annotations['runbook'] ?? '').split('#');
    t.equal(path, 'docs/troubleshooting.md', String(alert));
    t.ok(anchorsOf(page).includes(anchor), `${alert}: ${anchor}`);
  }
});
