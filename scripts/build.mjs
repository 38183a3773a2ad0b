// Compiles into dist. The old one is replaced only by a whole new one.
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync('dist.new', { recursive: true, force: true });
try {
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--outDir', 'dist.new'], {
    stdio: 'inherit',
  });
} catch (error) {
  // The compiler has said what is wrong.
  process.exit(error.status ?? 1);
}
chmodSync('dist.new/cli/dashcache.js', 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync('dist.new', 'dist');
