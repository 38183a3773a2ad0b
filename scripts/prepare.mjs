// Run by npm after an install in a clone and before a pack: builds where there is a compiler.
import { createRequire } from 'node:module';

try {
  createRequire(import.meta.url).resolve('typescript');
} catch {
  console.error('dashcache was not built: its compiler is a development dependency, which was left out');
  process.exit(0);
}
await import('./build.mjs');
