/**
 * `npm test`: types, lint, every test, coverage. With files as arguments only those tests are run.
 * Leaves the figures of the run in .tap/summary.txt and exits 1 when anything failed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FileResult, TapResults } from './tap-results.js';

const require = createRequire(import.meta.url);
const SUMMARY = '.tap/summary.txt';
const count = { passed: 0, failed: 0 };

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
mkdirSync('.tap', { recursive: true });
rmSync(SUMMARY, { force: true });

const testFiles = process.argv.slice(2);
if (testFiles.length === 0) {
  for (const project of ['tsconfig.json', 'web/tsconfig.json'])
    check(`types of ${project}`, [require.resolve('typescript/bin/tsc'), '-p', project]);
  check('lint', [require.resolve('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings']);
}
await runTests(testFiles);
if (testFiles.length === 0) check('coverage', ['--import', 'tsx', 'scripts/check-coverage.ts']);

writeFileSync(SUMMARY, `${count.passed} passed, ${count.failed} failed\n`);
console.log(`\nOf ${count.passed + count.failed} checks and tests ${count.failed || 'none'} failed`);
process.exitCode = count.failed > 0 ? 1 : 0;

function check(name: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  const passed = status === 0;
  count[passed ? 'passed' : 'failed']++;
  console.log(`${passed ? 'ok' : 'NOT OK'}  ${name}`);
}

async function runTests(files: readonly string[]): Promise<void> {
  const tap = [
    require.resolve('tap/package.json').replace('package.json', 'dist/esm/run.mjs'),
    '--reporter=tap',
  ];
  const options = [...tap, '--coverage-report=json-summary', ...files];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const results = new TapResults(report);
  for await (const line of createInterface({ input: child.stdout })) results.line(line);
  const exitCode = await ended;

  count.passed += results.passedCount;
  count.failed += results.failedCount;
  // When tap itself fell over, what it did not run must not look like a success.
  const silentFailure = exitCode !== 0 && results.failedCount === 0;
  if (silentFailure || results.passedCount === 0) {
    count.failed++;
    console.log(`NOT OK  tap ended with ${exitCode ?? 'a signal'} after ${results.passedCount} passed tests`);
  }
}

function report({ file, passedCount, failedCount, durationMs, output }: FileResult): void {
  const seconds = durationMs === null ? '' : `, ${(durationMs / 1000).toFixed(1)} s`;
  if (failedCount > 0)
    console.log(`${output}\nNOT OK  ${file} (${failedCount} failed, ${passedCount} passed${seconds})`);
  else console.log(`ok  ${file} (${passedCount}${seconds})`);
}
