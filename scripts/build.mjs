// Compiles into dist. The old one is replaced only by a whole new one.
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

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
// The pages, and each of their assets in both codings: nothing is compressed when it is asked for.
await build({ configFile: 'web/vite.config.ts', logLevel: 'warn', build: { outDir: '../dist.new/web' } });
for (const file of readdirSync('dist.new/web/assets')) {
  const path = join('dist.new/web/assets', file);
  const bytes = readFileSync(path);
  writeFileSync(`${path}.br`, brotliCompressSync(bytes));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
chmodSync('dist.new/cli/dashcache.js', 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync('dist.new', 'dist');
