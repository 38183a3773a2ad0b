import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { tempFolder } from '../helpers/temp-folder.js';
import { COLUMNS } from './support/columns.js';
import { listeningApp } from './support/listening-app.js';
import { PRICES, shopFolder } from './support/shop.js';
import { TYPED } from './support/typed.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Linted {
  readonly errorsCount: number;
  readonly warnings: readonly string[];
  readonly said: string;
}

/** What `redocly lint` says of a document. It tells nobody that it ran, and looks for no newer version of itself. */
function lint(t: Test, text: string): Promise<Linted> {
  const file = join(tempFolder(t), 'openapi.json');
  writeFileSync(file, text);
  const program = join(ROOT, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');
  const args = [program, 'lint', file, '--config', join(ROOT, 'redocly.yaml'), '--format', 'json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      const problems: { ruleId: string; severity: string; message: string }[] = JSON.parse(
        stdout.slice(stdout.indexOf('{')),
      ).problems;
      const told = ({ ruleId, message }: { ruleId: string; message: string }) => `${ruleId}: ${message}`;
      resolve({
        errorsCount: problems.filter(({ severity }) => severity === 'error').length,
        warnings: problems.filter(({ severity }) => severity === 'warn').map(told),
        said: problems.map(told).join('\n') + stderr,
      });
    });
  });
}

t.test('the description has no fault that a linter knows, whatever the definitions are called', async (t) => {
  const extra = {
    'typed.yaml': TYPED,
    'columns.yaml': COLUMNS,
    // Names that the description uses itself.
    'statistics.yaml': PRICES.replace('id: prices', 'id: statistics'),
    'head.yaml': PRICES.replace('id: prices', 'id: head'),
    'problem.yaml': PRICES.replace('id: prices', 'id: "404"'),
  };
  const { get } = await listeningApp(t, {
    folder: await shopFolder(t, extra),
    environment: { BASE_PATH: '/dash' },
  });
  const { text } = await get('/dash/openapi.json');
  const { errorsCount, warnings, said } = await lint(t, text);
  t.equal(errorsCount, 0, said);
  t.same(warnings, [], 'nor one that it only warns of');

  const broken = text.replace('"operationId":"readMetrics"', '"operationId":"readSummary"');
  t.not(broken, text);
  t.equal((await lint(t, broken)).errorsCount, 1, 'control: a name that is there twice');
  const misfit = text.replace('"example":{"status":"live"}', '"example":{"status":"dead"}');
  t.not(misfit, text);
  t.equal((await lint(t, misfit)).errorsCount, 1, 'control: an example that is none');
});
